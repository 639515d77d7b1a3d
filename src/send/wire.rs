//! The connections: messages and secrets in, what the servers answered out.
//!
//! What a secret is leaves this module for its server alone: whatever is said of a failure goes through `Secrets::hide`.

mod mail;
mod robots;
mod secrets;

use self::mail::MailServer;
use self::robots::Robots;
use self::secrets::Secrets;
use super::message::{Channel, Message, needed};
use super::settings::Settings;
use crate::words::Words;

/// What sends messages.
pub(super) struct Wire {
    secrets: Secrets,
    mail: Option<MailServer>,
    robots: Robots,
}

impl Wire {
    /// What can send these messages: it has every secret that they need. Nothing is connected to yet.
    pub(super) fn open(settings: &Settings, messages: &[Message]) -> Result<Wire, Words> {
        let secrets = Secrets::of(needed(messages, settings))?;
        let sends_mail = messages.iter().any(|message| matches!(message.channel, Channel::Mail(_)));
        let mail = settings.mail.as_ref().filter(|_| sends_mail);
        let mail = mail.map(|mail| MailServer::new(mail, &secrets, settings.timeout)).transpose()?;
        let numbers = messages.iter().filter_map(|message| match message.channel {
            Channel::Robot(number) => Some(number),
            Channel::Mail(_) => None,
        });
        let robots = Robots::new(numbers.map(|number| (number, &settings.robots[number])), &secrets, settings.timeout)?;
        Ok(Wire { secrets, mail, robots })
    }

    /// Sends a message with the bytes of its files; why a server has not taken it.
    pub(super) fn send(&self, message: &Message, files: Vec<Vec<u8>>) -> Result<(), Words> {
        let sent = match &message.channel {
            Channel::Mail(address) => match &self.mail {
                Some(server) => server.send(address, message, files),
                None => Err(Words::new("没有邮件服务器", "there is no mail server")),
            },
            Channel::Robot(number) => self.robots.tell(*number, &message.text),
        };
        sent.map_err(|why| Words::new(self.secrets.hide(&why.zh), self.secrets.hide(&why.en)))
    }
}

/// What a server said, as one line that a terminal can show.
fn said(text: &str) -> String {
    const MOST: usize = 300;
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST).collect::<String>().trim().to_owned()
}
