//! Chromium without a window, told what to do over a pipe (the DevTools protocol): what a reader's browser makes of a page.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::place::{Place, project};

/// The program, by whichever name it is there.
fn program() -> &'static str {
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok())
        .expect("Chromium is missing: run ./test once, it installs it")
}

/// What it is always called with.
const QUIETLY: [&str; 7] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A browser with one page.
pub struct Chromium {
    process: Child,
    to: File,
    from: BufReader<File>,
    calls: u64,
    session: Option<String>,
    events: Vec<Value>,
}

impl Chromium {
    /// Starts it; what it keeps goes with the place.
    pub fn start(place: &Place) -> Chromium {
        let (input, output) = (place.path("to-chromium"), place.path("from-chromium"));
        assert!(Command::new("mkfifo").args([&input, &output]).status().unwrap().success());
        // It reads from the third and writes to the fourth file.
        let process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<\"$TO\" 4>\"$FROM\"", program(), "--remote-debugging-pipe"])
            .args(QUIETLY)
            .arg(format!("--user-data-dir={}", place.path("chromium").display()))
            .envs([("TO", &input), ("FROM", &output)])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let to = OpenOptions::new().write(true).open(&input).unwrap();
        let from = BufReader::new(File::open(&output).unwrap());
        let mut chromium = Chromium { process, to, from, calls: 0, session: None, events: Vec::new() };
        let target = chromium.call("Target.createTarget", &json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = chromium.call("Target.attachToTarget", &json!({ "targetId": target, "flatten": true }));
        chromium.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log"] {
            chromium.call(&format!("{domain}.enable"), &json!({}));
        }
        chromium
    }

    /// Calls a method of the protocol and waits for what it gives.
    pub fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let message = self.next();
            if message["id"] == self.calls {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    fn next(&mut self) -> Value {
        let mut message = Vec::new();
        self.from.read_until(0, &mut message).unwrap();
        message.pop().expect("Chromium has ended");
        serde_json::from_slice(&message).unwrap()
    }

    /// Opens a file, with what follows its name in an address.
    pub fn open(&mut self, place: &Place, name: &str) {
        // From another part of the same page nothing would be loaded.
        self.load("about:blank");
        self.load(&format!("file://{}", place.path(name).display()));
    }

    fn load(&mut self, address: &str) {
        self.events.clear();
        self.call("Page.navigate", &json!({ "url": address }));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.next();
            self.events.push(event);
        }
    }

    /// What the page complains of: errors of scripts, refusals of the policy, what is written to the console.
    pub fn complaints(&self) -> Vec<String> {
        let loud = ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"];
        let loud = self.events.iter().filter(|event| loud.iter().any(|name| event["method"] == *name));
        loud.map(Value::to_string).collect()
    }

    /// What a JavaScript expression gives, waited for.
    pub fn run(&mut self, expression: &str) -> Value {
        let asked =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        let answer = self.call("Runtime.evaluate", &asked);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// The page on paper, as PDF.
    pub fn print(&mut self) -> Vec<u8> {
        let printed = self.call("Page.printToPDF", &json!({ "preferCSSPageSize": true, "printBackground": true }));
        STANDARD.decode(printed["data"].as_str().unwrap()).unwrap()
    }

    /// How wide the window is.
    pub fn width(&mut self, width: u32) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Whether readers like it dark.
    pub fn dark(&mut self, is_dark: bool) {
        let value = if is_dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.call("Emulation.setEmulatedMedia", &features);
    }

    /// What axe-core finds in a part of the page that keeps readers out: serious and critical violations.
    pub fn serious(&mut self, part: &str) -> Vec<String> {
        let path = project().join("tests/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(path).expect("axe-core is missing: run ./test once, it installs it");
        self.run(&format!("{axe}; true"));
        let found = self.run(&format!(
            "axe.run({part}, {{ resultTypes: ['violations'] }}).then(({{ violations }}) => violations\
             .filter(({{ impact }}) => impact === 'serious' || impact === 'critical')\
             .map(({{ id, nodes }}) => `${{id}}: ${{nodes.length}} × ${{nodes[0].html}}`))",
        ));
        found.as_array().unwrap().iter().map(Value::to_string).collect()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
