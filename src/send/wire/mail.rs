//! Mail over SMTP, by `lettre`: one message to one address, so that nobody reads who else gets one, and all of them over one
//! connection while that holds: servers count who logs in.

use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, SmtpTransport, Transport};

use super::said;
use super::secrets::Secrets;
use crate::age;
use crate::send::message::Message;
use crate::send::settings::{Mail, Security};
use crate::words::Words;

/// The server that mail goes by.
pub(super) struct MailServer {
    transport: SmtpTransport,
    from: Mailbox,
    server: String,
    timeout: Duration,
}

impl MailServer {
    /// A server as the settings say; nothing is connected to yet.
    pub(super) fn new(mail: &Mail, secrets: &Secrets, timeout: Duration) -> Result<MailServer, Words> {
        let from = Mailbox::new(Some(mail.sender.clone()).filter(|name| !name.is_empty()), address(&mail.from)?);
        let tls = || TlsParameters::new(mail.server.clone()).map_err(|error| Words::quoting("加密功能不可用", error));
        let tls = match mail.security {
            Security::Tls => Tls::Wrapper(tls()?),
            Security::Starttls => Tls::Required(tls()?),
            Security::None => Tls::None,
        };
        let mut builder =
            SmtpTransport::builder_dangerous(&mail.server).port(mail.port).tls(tls).timeout(Some(timeout));
        if let Some((user, password)) = &mail.login {
            builder = builder.credentials(Credentials::new(user.clone(), secrets.value(password).to_owned()));
        }
        let server = format!("{}:{}", mail.server, mail.port);
        Ok(MailServer { transport: builder.build(), from, server, timeout })
    }

    /// Sends a message with its files to an address.
    pub(super) fn send(&self, to: &str, message: &Message, files: Vec<Vec<u8>>) -> Result<(), Words> {
        let letter = self.letter(to, message, files)?;
        self.transport.send(&letter).map(drop).map_err(|error| self.refused(&error))
    }

    fn letter(&self, to: &str, message: &Message, files: Vec<Vec<u8>>) -> Result<lettre::Message, Words> {
        let mut parts = MultiPart::mixed().singlepart(SinglePart::plain(message.text.clone()));
        for (attached, bytes) in message.files.iter().zip(files) {
            let part = Attachment::new(attached.name.clone()).body(bytes, content_type(&attached.name)?);
            parts = parts.singlepart(part);
        }
        // The same message has the same identifier: a server that gets it twice can tell.
        let domain = self.from.email.domain();
        let id = format!("<{}@{domain}>", &message.id[..32]);
        let builder = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address(to)?))
            .subject(message.subject.clone())
            .date(age::now())
            .message_id(Some(id));
        builder.multipart(parts).map_err(|error| Words::quoting("邮件无法组成", error))
    }

    /// Why a message was not taken, and what to do.
    fn refused(&self, error: &lettre::transport::smtp::Error) -> Words {
        let (server, seconds) = (&self.server, self.timeout.as_secs());
        if is_timeout(error) {
            return Words::new(
                format!("{server} 在 {seconds} 秒内没有答复；请检查 server、port 和 security，邮件也可能已经到达"),
                format!(
                    "no answer of {server} within {seconds} seconds: look at `server`, `port` and `security`; the mail may have arrived"
                ),
            );
        }
        let reason = said(&error.source().map_or_else(|| error.to_string(), ToString::to_string));
        let Some(code) = error.status() else {
            return match error.is_tls() {
                true => Words::new(
                    format!(
                        "与 {server} 的加密连接没有建立：证书不可信，或 security 与 port 不相符（原文「{reason}」）"
                    ),
                    format!(
                        "no encrypted connection to {server}: its certificate is not trusted, or `security` does not fit `port`: {reason}"
                    ),
                ),
                false => Words::new(
                    format!("与 {server} 的连接没有完成；请检查 server、port 和 security（原文「{reason}」）"),
                    format!("the connection to {server} failed; look at `server`, `port` and `security`: {reason}"),
                ),
            };
        };
        let code = u16::from(code);
        let hint = match code {
            530 | 534 | 535 | 538 => Words::new(
                "请检查 user 和密码（多数邮箱要用授权码）",
                "look at `user` and the password (many servers want one that is made for programs)",
            ),
            550 | 551 | 553 | 501 => Words::new("请检查收件地址和 from", "look at the address, and at `from`"),
            552 => Words::new("邮件太大，或对方邮箱已满", "the mail is too large, or the mailbox is full"),
            400..=499 => {
                Words::new("服务器暂时不收，请过一会儿再运行", "the server takes none now: run it again later")
            }
            _ => Words::new("请按答复检查邮件服务器的设置", "look at what the server is set to"),
        };
        Words::new(
            format!("{server} 答复 {code}「{reason}」；{}", hint.zh),
            format!("{server} answers {code} `{reason}`; {}", hint.en),
        )
    }
}

/// Whether a server took too long, whatever the system calls that.
fn is_timeout(error: &lettre::transport::smtp::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock);
        }
        source = error.source();
    }
    false
}

fn address(text: &str) -> Result<Address, Words> {
    let wrong = |error| Words::quoting("邮件地址不能用", error);
    text.parse::<Address>().map_err(wrong)
}

fn content_type(name: &str) -> Result<ContentType, Words> {
    let of = match name.rsplit('.').next() {
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("html") => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    };
    ContentType::parse(of).map_err(|error| Words::quoting("附件类型不能用", error))
}
