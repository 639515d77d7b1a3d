//! Servers on this machine that play the robots of groups and a mail server, and remember who asked them what.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Longer than any test lets a program wait.
const LONG: Duration = Duration::from_mins(10);

/// What a robot does with a message.
#[derive(Clone)]
pub enum Does {
    Takes,
    /// The JSON of its answer.
    Answers(&'static str),
    /// A status, and whatever it says.
    Fails(u16, &'static str),
    /// Sends whoever asks elsewhere.
    Redirects,
    /// Says what it was asked.
    Reflects,
    Closes,
    Waits,
}

/// A message that a robot was told.
#[derive(Clone, Debug)]
pub struct Told {
    /// The name of the robot, by its path.
    pub robot: String,
    /// What follows the question mark of the address.
    pub query: BTreeMap<String, String>,
    pub text: String,
}

/// The robots of some groups, `/name` each; one that is not named takes everything.
pub struct Robots {
    port: u16,
    connections: Arc<AtomicUsize>,
    told: Arc<Mutex<Vec<Told>>>,
}

/// Gives each connection to a function, in a thread of its own; the port, and how many there were.
fn serve(with: impl Fn(TcpStream) + Send + Sync + 'static) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, count) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let (counted, with) = (count.clone(), Arc::new(with));
    thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            let (stream, with) = (stream.unwrap(), with.clone());
            thread::spawn(move || with(stream));
        }
    });
    (port, count)
}

impl Robots {
    pub fn start(does: &[(&'static str, Does)]) -> Robots {
        let does: BTreeMap<&str, Does> = does.iter().cloned().collect();
        let told = Arc::new(Mutex::new(Vec::new()));
        let noted = told.clone();
        let (port, connections) = serve(move |stream| {
            let Some((target, body)) = asked(&stream) else { return };
            let (robot, query) = target.split_once('?').unwrap_or((&target, ""));
            let robot = robot.trim_start_matches('/').to_owned();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["msgtype"], "text");
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let query = pairs.map(|(key, value)| (key.to_owned(), decoded(value))).collect();
            let text = body["text"]["content"].as_str().unwrap().to_owned();
            noted.lock().unwrap().push(Told { robot: robot.clone(), query, text });
            answer(stream, &does.get(robot.as_str()).cloned().unwrap_or(Does::Takes), &target);
        });
        Robots { port, connections, told }
    }

    /// The address of a robot, with a token that nobody else may read.
    pub fn url(&self, robot: &str, token: &str) -> String {
        format!("http://127.0.0.1:{}/{robot}?access_token={token}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }
}

/// What a request asks for, and its body.
fn asked(stream: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let target = line.split(' ').nth(1)?.to_owned();
    assert!(line.starts_with("POST "), "{line}");
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((target, body))
}

fn answer(mut stream: TcpStream, does: &Does, target: &str) {
    let reflected = format!("{{\"errcode\": 93000, \"errmsg\": \"invalid webhook {target}\\nat all\"}}");
    let (status, more, body) = match does {
        Does::Takes => (200, "", "{\"errcode\": 0, \"errmsg\": \"ok\"}"),
        Does::Answers(body) => (200, "", *body),
        Does::Fails(status, body) => (*status, "", *body),
        Does::Redirects => (302, "Location: /elsewhere\r\n", ""),
        Does::Reflects => (200, "", reflected.as_str()),
        Does::Closes => return,
        Does::Waits => return thread::sleep(LONG),
    };
    let length = body.len();
    let _ = write!(stream, "HTTP/1.1 {status} so\r\nContent-Length: {length}\r\n{more}\r\n{body}");
}

/// A value as it is written into an address.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let hex: Vec<u8> = rest.by_ref().take(2).collect();
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

/// What a mail server does with mail to an address.
#[derive(Clone)]
pub enum MailDoes {
    /// Says so instead of taking it.
    Refuses(&'static str),
    Closes,
    Waits,
}

/// A mail that was taken.
#[derive(Clone, Debug)]
pub struct Letter {
    pub to: Vec<String>,
    pub bytes: Vec<u8>,
}

/// A mail server.
pub struct MailServer {
    port: u16,
    connections: Arc<AtomicUsize>,
    letters: Arc<Mutex<Vec<Letter>>>,
}

impl MailServer {
    /// A server that takes mail from everybody, or from who has a password; a wrong one it says back.
    pub fn start(password: Option<&'static str>, does: &[(&'static str, MailDoes)]) -> MailServer {
        let does: BTreeMap<&str, MailDoes> = does.iter().cloned().collect();
        let letters = Arc::new(Mutex::new(Vec::new()));
        let kept = letters.clone();
        let (port, connections) = serve(move |stream| {
            let _ = Session {
                reader: BufReader::new(stream.try_clone().unwrap()),
                stream,
                password,
                does: &does,
                kept: &kept,
            }
            .hold();
        });
        MailServer { port, connections, letters }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn letters(&self) -> Vec<Letter> {
        self.letters.lock().unwrap().clone()
    }
}

/// A client at a mail server.
struct Session<'a> {
    reader: BufReader<TcpStream>,
    stream: TcpStream,
    password: Option<&'static str>,
    does: &'a BTreeMap<&'static str, MailDoes>,
    kept: &'a Mutex<Vec<Letter>>,
}

impl Session<'_> {
    fn say(&mut self, line: &str) -> std::io::Result<()> {
        self.stream.write_all(format!("{line}\r\n").as_bytes())
    }

    fn line(&mut self) -> std::io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        line.truncate(line.len() - line.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count());
        Ok(line)
    }

    fn hold(&mut self) -> std::io::Result<()> {
        self.say("220 here ESMTP")?;
        let (mut to, mut may) = (Vec::new(), self.password.is_none());
        loop {
            let line = String::from_utf8(self.line()?).unwrap();
            let address = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            match line.get(..4).unwrap_or_default() {
                "EHLO" if self.password.is_some() => self.say("250-here\r\n250 AUTH PLAIN LOGIN")?,
                "EHLO" => self.say("250 here")?,
                "AUTH" => {
                    let given = STANDARD.decode(line.rsplit(' ').next().unwrap()).unwrap();
                    let given = String::from_utf8(given).unwrap();
                    let given = given.rsplit('\0').next().unwrap();
                    may = Some(given) == self.password;
                    let encoded = STANDARD.encode(given);
                    match may {
                        true => self.say("235 welcome")?,
                        false => self.say(&format!("535 5.7.8 who is {given} or {encoded}"))?,
                    }
                }
                "MAIL" if !may => self.say("530 5.7.0 log in")?,
                "MAIL" => {
                    to.clear();
                    self.say("250 so")?;
                }
                "RCPT" => match self.does.get(address.as_str()) {
                    None => {
                        to.push(address);
                        self.say("250 so")?;
                    }
                    Some(MailDoes::Refuses(said)) => self.say(said)?,
                    Some(MailDoes::Closes) => return Ok(()),
                    Some(MailDoes::Waits) => thread::sleep(LONG),
                },
                "DATA" => {
                    self.say("354 go on")?;
                    let bytes = self.letter()?;
                    self.kept.lock().unwrap().push(Letter { to: to.clone(), bytes });
                    self.say("250 taken")?;
                }
                "QUIT" => return self.say("221 bye"),
                _ => self.say("250 so")?,
            }
        }
    }

    fn letter(&mut self) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        loop {
            let line = self.line()?;
            match &line[..] {
                b"." => return Ok(bytes),
                line => bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(line)),
            }
            bytes.extend_from_slice(b"\r\n");
        }
    }
}
