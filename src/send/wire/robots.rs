//! Robots of groups over HTTP: 企业微信 and 钉钉 take the same message, sign it differently, and answer alike.
//!
//! Proxies of the environment (`HTTPS_PROXY`, `NO_PROXY`) are used, but never to this machine; redirections are not followed.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use ring::hmac;
use serde::Deserialize;
use tokio::runtime::{Builder, Runtime};

use super::said;
use super::secrets::Secrets;
use crate::age;
use crate::send::settings::{Robot, RobotKind, is_loopback};
use crate::words::Words;

/// The bytes of an answer that are read.
const MOST_OF_ANSWER: usize = 64 << 10;

/// A robot with its address.
struct Door {
    kind: RobotKind,
    url: Url,
    secret: Option<String>,
    /// The variable that holds the address.
    variable: String,
}

/// The robots of the groups that are told something, by their numbers.
pub(super) struct Robots {
    doors: BTreeMap<usize, Door>,
    timeout: Duration,
    runtime: Runtime,
}

/// What a robot answers.
#[derive(Deserialize)]
struct Answer {
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

impl Robots {
    /// Some robots, whose addresses must be good.
    pub(super) fn new<'a>(
        robots: impl Iterator<Item = (usize, &'a Robot)>,
        secrets: &Secrets,
        timeout: Duration,
    ) -> Result<Robots, Words> {
        let mut doors: BTreeMap<usize, Door> = BTreeMap::new();
        for (number, robot) in robots {
            let variable = robot.webhook.0.clone();
            let url = address(secrets.value(&robot.webhook), &variable)?;
            if let Some(other) = doors.values().find(|other| other.url == url) {
                let other = &other.variable;
                return Err(Words::new(
                    format!("环境变量 {other} 和 {variable} 是同一个群：群里的人会看到别人的内容"),
                    format!("{other} and {variable} are the same group, in which people would read what is for others"),
                ));
            }
            let secret = robot.secret.as_ref().map(|secret| secrets.value(secret).to_owned());
            doors.insert(number, Door { kind: robot.kind, url, secret, variable });
        }
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Words::quoting("网络功能不可用", error))?;
        Ok(Robots { doors, timeout, runtime })
    }

    /// Tells the group of a robot something.
    pub(super) fn tell(&self, number: usize, text: &str) -> Result<(), Words> {
        let Some(door) = self.doors.get(&number) else {
            return Err(Words::new("没有这个机器人", "there is no such robot"));
        };
        let body = serde_json::json!({ "msgtype": "text", "text": { "content": text } }).to_string();
        let url = door.signed(age::milliseconds());
        let (status, answer) =
            self.runtime.block_on(post(url, body, self.timeout)).map_err(|error| self.unreached(&error))?;
        door.taken(status, &answer)
    }

    fn unreached(&self, error: &reqwest::Error) -> Words {
        let seconds = self.timeout.as_secs();
        if error.is_timeout() {
            return Words::new(
                format!("{seconds} 秒内没有答复；消息也可能已经到达，请先到群里看一下"),
                format!("no answer within {seconds} seconds; the message may have arrived: look into the group first"),
            );
        }
        let reason = innermost(error);
        match error.is_connect() {
            true => Words::new(
                format!("连接不上，请检查网络和代理（原文「{reason}」）"),
                format!("cannot be reached, look at network and proxy: {reason}"),
            ),
            false => Words::new(
                format!("连接中断；消息也可能已经到达，请先到群里看一下（原文「{reason}」）"),
                format!("the connection broke; the message may have arrived, look into the group first: {reason}"),
            ),
        }
    }
}

/// The error at the bottom of one, which names no address.
fn innermost(error: &reqwest::Error) -> String {
    let mut error: &dyn std::error::Error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    match error.downcast_ref::<reqwest::Error>() {
        Some(_) => "the answer is no HTTP".to_owned(),
        None => said(&error.to_string()),
    }
}

/// The address of a robot, which must be one that encrypts; nobody listens on the way to this machine.
fn address(value: &str, variable: &str) -> Result<Url, Words> {
    let wrong = || {
        Words::new(
            format!("环境变量 {variable} 中不是机器人的地址，应以 https:// 开头"),
            format!("{variable} does not hold the webhook of a robot, which begins with https://"),
        )
    };
    let url = Url::parse(value).map_err(|_| wrong())?;
    let host = url.host_str().ok_or_else(wrong)?;
    let is_good = url.scheme() == "https" || url.scheme() == "http" && is_loopback(host);
    if is_good { Ok(url) } else { Err(wrong()) }
}

/// Posts a message; the status of the answer, and the answer as far as one may be long.
async fn post(url: Url, body: String, timeout: Duration) -> reqwest::Result<(u16, Vec<u8>)> {
    let is_near = url.host_str().is_some_and(is_loopback);
    // The second version of HTTP logs what it sends.
    let client = Client::builder().timeout(timeout).connect_timeout(timeout).redirect(Policy::none()).http1_only();
    let client = if is_near { client.no_proxy() } else { client }.build()?;
    let mut response = client.post(url).header(CONTENT_TYPE, "application/json").body(body).send().await?;
    let mut answer = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        answer.extend_from_slice(&chunk);
        if answer.len() > MOST_OF_ANSWER {
            break;
        }
    }
    Ok((response.status().as_u16(), answer))
}

/// What DingTalk signs a moment with.
fn signature(milliseconds: u128, secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    STANDARD.encode(hmac::sign(&key, format!("{milliseconds}\n{secret}").as_bytes()))
}

impl Door {
    /// The address at a moment.
    fn signed(&self, milliseconds: u128) -> Url {
        let mut url = self.url.clone();
        if let Some(secret) = &self.secret {
            let sign = signature(milliseconds, secret);
            url.query_pairs_mut().append_pair("timestamp", &milliseconds.to_string()).append_pair("sign", &sign);
        }
        url
    }

    /// Whether the answer says that the message was taken; else what it says, and what to do.
    fn taken(&self, status: u16, answer: &[u8]) -> Result<(), Words> {
        let answer: Answer = match serde_json::from_slice(answer) {
            Ok(answer) if status == 200 => answer,
            _ => {
                let variable = &self.variable;
                return Err(Words::new(
                    format!("答复不是机器人的（HTTP {status}）；请检查环境变量 {variable} 中的地址"),
                    format!("the answer (HTTP {status}) is not that of a robot; look at the webhook in {variable}"),
                ));
            }
        };
        if answer.errcode == 0 {
            return Ok(());
        }
        let (code, message, hint) = (answer.errcode, said(&answer.errmsg), self.hint(answer.errcode));
        Err(Words::new(
            format!("答复 errcode {code}「{message}」；{}", hint.zh),
            format!("the answer is errcode {code} `{message}`; {}", hint.en),
        ))
    }

    /// What to do where a robot does not take a message.
    fn hint(&self, errcode: i64) -> Words {
        let variable = &self.variable;
        match (self.kind, errcode) {
            (RobotKind::Wecom, 93_000) | (RobotKind::Dingtalk, 300_001 | 300_005) => Words::new(
                format!("机器人不存在或已移除，请检查环境变量 {variable}"),
                format!("there is no such robot any more: look at {variable}"),
            ),
            (RobotKind::Wecom, 45_009) | (RobotKind::Dingtalk, 130_101 | 410_100) => Words::new(
                "每分钟最多 20 条，请一分钟后再运行",
                "a robot takes 20 messages in a minute: run it again after one",
            ),
            (RobotKind::Dingtalk, 310_000) => Words::new(
                "请检查机器人的安全设置：加签的密钥（secret）、关键词、IP 地址段，以及本机的时间",
                "look at the robot's security settings: the secret that it signs with, keywords, IP addresses; and at the time of this machine",
            ),
            _ => Words::new(
                format!("请按答复检查机器人和环境变量 {variable}"),
                format!("look at the robot, and at {variable}"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_signed_as_dingtalk_says() {
        // python3 -c 'import hmac,base64; k=b"SECabc"; print(base64.b64encode(hmac.new(k, b"1700000000000\nSECabc", "sha256").digest()))'
        assert_eq!(signature(1_700_000_000_000, "SECabc"), "jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM=");
        let url = Url::parse("https://oapi.dingtalk.com/robot/send?access_token=t").unwrap();
        let door = Door { kind: RobotKind::Dingtalk, url, secret: Some("SECabc".to_owned()), variable: "V".to_owned() };
        let signed = door.signed(1_700_000_000_000);
        assert!(signed.as_str().contains("access_token=t&timestamp=1700000000000&sign="), "{signed}");
        assert!(!signed.query().unwrap().contains(['+', '/']), "{signed}");
    }

    #[test]
    fn an_address_encrypts_or_is_this_machine() {
        for (value, is_good) in [
            ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", true),
            ("http://127.0.0.1:8080/send?key=k", true),
            ("http://localhost/send", true),
            ("http://[::1]:1/send", true),
            ("http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", false),
            ("http://127.0.0.1.example.com/send", false),
            ("ftp://127.0.0.1/send", false),
            ("key", false),
            ("", false),
        ] {
            let found = address(value, "HOOK");
            assert_eq!(found.is_ok(), is_good, "{value}");
            if let Err(why) = found {
                assert!(value.is_empty() || !why.en.contains(value), "{why:?}");
            }
        }
    }
}
