//! `send.toml`: the mail server, the group robots, and who gets what.
//!
//! What is secret stands in the environment, and the file names the variable: `env:NAME`. A secret that stands in the file
//! all the same is a mistake, and no mistake shows it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;

use crate::assets::Assets;
use crate::error::{Mistake, Result, TomlFile, TomlPath};
use crate::spelling::nearest;
use crate::words::{Lang, Words, vocabulary};

/// The file.
pub(super) const FILE: &str = "send.toml";
/// What says that a value stands in the environment.
const ENV: &str = "env:";
/// Seconds that a server may take.
const TIMEOUT_S: RangeInclusive<u16> = 1..=600;
/// The columns whose values name a group of people and nobody of them: only of such is told in a group.
const OF_GROUPS: [&str; 2] = ["department", "bureau"];

/// `send.toml`.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendFile {
    /// Seconds after which a server that does not answer is given up, 1 to 600.
    #[serde(default = "default_timeout_s")]
    timeout_s: u16,
    /// The mail server; absent: no mail is sent.
    mail: Option<MailFile>,
    /// The robots of groups.
    #[serde(default)]
    robot: Vec<RobotFile>,
    /// Who gets public reports.
    #[serde(default)]
    public: PublicFile,
    /// Who gets which hand-outs of the other reports.
    #[serde(default)]
    recipient: Vec<RecipientFile>,
}

/// The mail server.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct MailFile {
    /// Its name.
    server: String,
    /// Its port; absent: 465 for `tls`, 587 for `starttls`, 25 for `none`.
    port: Option<u16>,
    /// How the connection is encrypted.
    #[serde(default)]
    security: Security,
    /// Whether mail, and the password, may go unencrypted to another machine.
    #[serde(default)]
    unencrypted: bool,
    /// Who sends: `name <address>`, or the address.
    from: String,
    /// Who logs in; absent: nobody does.
    user: Option<String>,
    /// Their password: `env:NAME`, the variable that holds it.
    password: Option<String>,
}

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Security {
    /// From the beginning.
    #[default]
    Tls,
    /// After a greeting, and never without.
    Starttls,
    /// Not at all.
    None,
}

/// The robot of a group.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct RobotFile {
    /// What the file calls it.
    name: String,
    /// Whose it is.
    kind: RobotKind,
    /// Its address, which lets anybody write to the group: `env:NAME`, the variable that holds it.
    webhook: String,
    /// What DingTalk signs with: `env:NAME`, the variable that holds it.
    secret: Option<String>,
}

vocabulary! {
    /// A program of groups that has robots.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub(super) enum RobotKind {
        /// WeCom.
        Wecom = ["wecom", "企业微信", "WeCom"],
        /// DingTalk.
        Dingtalk = ["dingtalk", "钉钉", "DingTalk"],
    }
}

/// Who gets public reports.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct PublicFile {
    /// The addresses to which the pages and the workbook go.
    #[serde(default)]
    mail: Vec<String>,
    /// The robots of the groups that are told the figures.
    #[serde(default)]
    robot: Vec<String>,
}

/// Who gets the hand-outs of a department, a bureau or a person.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct RecipientFile {
    /// Whose hand-outs: the columns by which they are cut up, with the values as the report writes them.
    #[serde(rename = "for")]
    whose: BTreeMap<String, String>,
    /// The addresses to which the files go.
    #[serde(default)]
    mail: Vec<String>,
    /// The robot of their own group, which is told how many rows there are.
    robot: Option<String>,
}

fn default_timeout_s() -> u16 {
    30
}

/// A variable of the environment that holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Variable(pub(super) String);

/// The mail server.
#[derive(Debug)]
pub(super) struct Mail {
    pub(super) server: String,
    pub(super) port: u16,
    pub(super) security: Security,
    /// The name of who sends; empty where there is none.
    pub(super) sender: String,
    /// The address of who sends.
    pub(super) from: String,
    pub(super) login: Option<(String, Variable)>,
}

/// The robot of a group.
#[derive(Debug)]
pub(super) struct Robot {
    pub(super) name: String,
    pub(super) kind: RobotKind,
    pub(super) webhook: Variable,
    pub(super) secret: Option<Variable>,
}

/// Who gets the hand-outs of some department, bureau or person.
#[derive(Debug)]
pub(super) struct Recipient {
    pub(super) whose: BTreeMap<String, String>,
    pub(super) mail: Vec<String>,
    /// The number of their robot.
    pub(super) robot: Option<usize>,
}

/// What `send.toml` says, checked.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) timeout: Duration,
    pub(super) mail: Option<Mail>,
    pub(super) robots: Vec<Robot>,
    /// Who gets public reports.
    pub(super) public_mail: Vec<String>,
    /// The numbers of the robots that are told of public reports.
    pub(super) public_robots: Vec<usize>,
    pub(super) recipients: Vec<Recipient>,
}

impl Settings {
    /// Reads the `send.toml` of a configuration.
    pub(super) fn read(assets: &Assets) -> Result<Settings> {
        Ok(Settings::open(&assets.toml(FILE)?)?)
    }

    /// Reads a `send.toml`; every mistake of it is returned.
    fn open(file: &TomlFile) -> Result<Settings, Vec<Mistake>> {
        let secrets = secrets_in(file.text());
        Settings::checked(file).map_err(|all| all.into_iter().map(|mistake| mistake.hiding(&secrets)).collect())
    }

    fn checked(file: &TomlFile) -> Result<Settings, Vec<Mistake>> {
        let read: SendFile = file.read()?;
        let mut check = Check { file, mistakes: Vec::new() };
        let timeout = check.timeout(read.timeout_s);
        let robots: Vec<_> =
            read.robot.iter().enumerate().map(|(number, own)| check.robot(number, own, &read.robot)).collect();
        let public_mail = check.public_addresses(&read.public.mail);
        let mut used = Uses::default();
        let public_robots = read.public.robot.iter().enumerate().filter_map(|(number, name)| {
            check.used(name, &read.robot, &file.at("public").key("robot").item(number), &mut used)
        });
        let public_robots = public_robots.collect();
        let recipients: Vec<_> = (0..read.recipient.len())
            .map(|number| check.recipient(number, &read.recipient, &read.robot, &mut used))
            .collect();
        let sends_mail = !public_mail.is_empty() || read.recipient.iter().any(|own| !own.mail.is_empty());
        let mail = check.mail(read.mail.as_ref(), sends_mail);
        let robots: Option<Vec<Robot>> = robots.into_iter().collect();
        match robots {
            Some(robots) if check.mistakes.is_empty() => {
                Ok(Settings { timeout, mail, robots, public_mail, public_robots, recipients })
            }
            _ => Err(check.mistakes),
        }
    }
}

/// The robots that somebody has, by number: one tells one group of one thing.
#[derive(Default)]
struct Uses(Vec<usize>);

/// A file and its mistakes so far.
struct Check<'a> {
    file: &'a TomlFile,
    mistakes: Vec<Mistake>,
}

impl<'a> Check<'a> {
    fn add(&mut self, here: &TomlPath<'_>, message: Words, help: Words) {
        self.mistakes.push(here.mistake(message).help(help));
    }

    fn timeout(&mut self, timeout_s: u16) -> Duration {
        if !TIMEOUT_S.contains(&timeout_s) {
            let (least, most) = TIMEOUT_S.into_inner();
            let message = Words::new("等待时间不合适", "no such time can be waited");
            let help = Words::new(format!("{least} 至 {most} 秒"), format!("write {least} to {most} seconds"));
            self.add(&self.file.at("timeout_s"), message, help);
        }
        Duration::from_secs(timeout_s.into())
    }

    /// The variable that a value names.
    fn variable(&mut self, value: &str, here: &TomlPath<'_>) -> Option<Variable> {
        let name = value.strip_prefix(ENV).map(str::trim);
        let is_name = |name: &str| {
            !name.is_empty()
                && !name.starts_with(|c: char| c.is_ascii_digit())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        match name.filter(|name| is_name(name)) {
            Some(name) => Some(Variable(name.to_owned())),
            None => {
                let message = Words::new("机密不能写在文件里", "a secret does not stand in a file");
                let help = Words::new("请写 env:变量名，由该变量给出", "write `env:NAME`, the variable that holds it");
                self.add(here, message, help);
                None
            }
        }
    }

    fn robot(&mut self, number: usize, robot: &RobotFile, all: &[RobotFile]) -> Option<Robot> {
        let file = self.file;
        let here = file.at("robot").item(number);
        let before = &all[..number];
        if robot.name.trim().is_empty() || before.iter().any(|other| other.name == robot.name) {
            let message = Words::new("机器人没有自己的名称", "a robot has no name of its own");
            let help = Words::new("每个 [[robot]] 的 name 各不相同", "give each [[robot]] another `name`");
            self.add(&here.key("name"), message, help);
        }
        if before.iter().any(|other| other.webhook == robot.webhook) {
            let message = Words::new("两个机器人是同一个", "two robots are the same");
            let help = Words::new(
                "一个群只写一个 [[robot]]：谁在群里，就只发给谁",
                "write one [[robot]] for each group: what goes there is for those who are in it",
            );
            self.add(&here.key("webhook"), message, help);
        }
        if robot.kind == RobotKind::Wecom && robot.secret.is_some() {
            let message = Words::new("企业微信的机器人不加签", "robots of WeCom sign nothing");
            self.add(&here.key("secret"), message, Words::new("请删去 secret", "remove `secret`"));
        }
        let secret = robot.secret.as_deref().map(|secret| self.variable(secret, &here.key("secret")));
        let webhook = self.variable(&robot.webhook, &here.key("webhook"))?;
        let (name, kind) = (robot.name.clone(), robot.kind);
        Some(Robot { name, kind, webhook, secret: secret.flatten() })
    }

    /// The number of a robot that somebody is to have.
    fn used(&mut self, name: &str, all: &[RobotFile], here: &TomlPath<'_>, uses: &mut Uses) -> Option<usize> {
        let Some(number) = all.iter().position(|robot| robot.name == name) else {
            let names = all.iter().map(|robot| robot.name.as_str());
            let message = Words::new(format!("没有机器人「{name}」"), format!("there is no robot `{name}`"));
            let near = nearest(name, names);
            self.mistakes.push(here.mistake(message).did_you_mean(near));
            return None;
        };
        if uses.0.contains(&number) {
            let message = Words::new(format!("机器人「{name}」用了两次"), format!("the robot `{name}` is used twice"));
            let help = Words::new(
                "一个机器人只能用于公开报告，或用于一个收件人：群里的人不应看到别人的内容",
                "a robot is for public reports, or for one recipient: nobody in its group reads what is for others",
            );
            self.add(here, message, help);
        }
        uses.0.push(number);
        Some(number)
    }

    fn public_addresses(&mut self, all: &[String]) -> Vec<String> {
        let here = self.file.at("public").key("mail");
        self.addresses(all, &here)
    }

    /// The addresses of a list, which are addresses, each once.
    fn addresses(&mut self, all: &[String], here: &TomlPath<'_>) -> Vec<String> {
        for (number, address) in all.iter().enumerate() {
            let message = match () {
                () if !is_address(address) => {
                    Words::new(format!("「{address}」不是邮件地址"), format!("`{address}` is no mail address"))
                }
                () if all[..number].contains(address) => {
                    Words::new(format!("「{address}」写了两次"), format!("`{address}` is named twice"))
                }
                () => continue,
            };
            let help =
                Words::new("只写地址，例如 office@example.com", "write addresses only, such as office@example.com");
            self.add(&here.item(number), message, help);
        }
        all.to_vec()
    }

    fn recipient(&mut self, number: usize, all: &[RecipientFile], robots: &[RobotFile], uses: &mut Uses) -> Recipient {
        let file = self.file;
        let here = file.at("recipient").item(number);
        let RecipientFile { whose, mail, robot } = &all[number];
        let example = "for = { department = \"…\" }";
        if whose.is_empty() || whose.iter().any(|(column, value)| column.is_empty() || value.trim().is_empty()) {
            let message = Words::new("没有写明是谁的分发件", "it is not said whose hand-outs");
            self.add(&here, message, Words::new(format!("请写 {example}"), format!("write {example}")));
        }
        if all[..number].iter().any(|other| other.whose == *whose) {
            let message = Words::new("同一个收件人写了两次", "a recipient is named twice");
            let help = Words::new("请合为一个 [[recipient]]", "make one [[recipient]] of both");
            self.add(&here.key("for"), message, help);
        }
        if mail.is_empty() && robot.is_none() {
            let message = Words::new("没有写明发到哪里", "it is not said where to send to");
            let help = Words::new("请写 mail 或 robot", "write `mail` or `robot`");
            self.add(&here, message, help);
        }
        if robot.is_some() && whose.keys().any(|column| !OF_GROUPS.contains(&column.as_str())) {
            let columns = OF_GROUPS.join("`, `");
            let message = Words::new("个人的内容不发到群里", "what is for a person is told in no group");
            let help = Words::new(
                format!("robot 只用于 for 为 `{columns}` 的收件人；个人请写 mail"),
                format!("`robot` is for recipients `for` a `{columns}`; write `mail` for persons"),
            );
            self.add(&here.key("robot"), message, help);
        }
        let mail = self.addresses(mail, &here.key("mail"));
        let robot = robot.as_deref().and_then(|name| self.used(name, robots, &here.key("robot"), uses));
        Recipient { whose: whose.clone(), mail, robot }
    }

    fn mail(&mut self, mail: Option<&MailFile>, sends: bool) -> Option<Mail> {
        let file = self.file;
        let here = file.at("mail");
        let Some(mail) = mail else {
            if sends {
                let message = Words::new("有邮件地址，没有邮件服务器", "there are addresses, and no mail server");
                let help = Words::new(
                    "请写 [mail]：server、from，以及 user 和 password",
                    "write [mail]: `server`, `from`, and `user` and `password`",
                );
                self.add(&file.whole(), message, help);
            }
            return None;
        };
        let is_host =
            !mail.server.is_empty() && mail.server.chars().all(|c| c.is_ascii_alphanumeric() || ".-:".contains(c));
        if !is_host {
            let message = Words::new("这不是服务器的名称", "this is no name of a server");
            let help = Words::new("例如 smtp.example.com", "write it as in smtp.example.com");
            self.add(&here.key("server"), message, help);
        }
        if mail.security == Security::None && !mail.unencrypted && !is_loopback(&mail.server) {
            let message = Words::new("邮件会不加密地发到别的机器", "mail would go to another machine unencrypted");
            let help = Words::new(
                "请用 security = \"tls\" 或 \"starttls\"；内网确实只有不加密的，写 unencrypted = true",
                "use security = \"tls\" or \"starttls\"; where an office has only such a server, write unencrypted = true",
            );
            self.add(&here.key("security"), message, help);
        }
        let (sender, from) = match mail.from.trim().strip_suffix('>').and_then(|from| from.rsplit_once('<')) {
            Some((sender, from)) => (sender.trim().trim_matches('"').to_owned(), from.trim().to_owned()),
            None => (String::new(), mail.from.trim().to_owned()),
        };
        if !is_address(&from) || sender.chars().any(char::is_control) {
            let message = Words::new("这不是发件人", "this is nobody who sends");
            let help = Words::new("例如 业扩管理班 <yekuo@example.com>", "write it as in Office <office@example.com>");
            self.add(&here.key("from"), message, help);
        }
        let login = match (&mail.user, &mail.password) {
            (Some(user), Some(password)) => {
                self.variable(password, &here.key("password")).map(|password| (user.clone(), password))
            }
            (None, None) => None,
            _ => {
                let message = Words::new("user 和 password 缺一个", "one of `user` and `password` is absent");
                let help = Words::new("两个都写，或都不写", "write both, or neither");
                self.add(&here, message, help);
                None
            }
        };
        let port = mail.port.unwrap_or(match mail.security {
            Security::Tls => 465,
            Security::Starttls => 587,
            Security::None => 25,
        });
        Some(Mail { server: mail.server.clone(), port, security: mail.security, sender, from, login })
    }
}

impl Robot {
    /// What users call it.
    pub(super) fn title(&self, lang: Lang) -> String {
        let (kind, name) = (self.kind.title(lang), &self.name);
        lang.pick(format!("{kind}群机器人「{name}」"), format!("{kind} robot `{name}`"))
    }
}

/// Whether a server is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a text is the address of a mailbox, and nothing else.
fn is_address(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_graphic() && !r#"<>()[]\,;:"@"#.contains(c);
    let Some((mailbox, domain)) = text.split_once('@') else { return false };
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with('.');
    [mailbox, domain].iter().all(|part| is_part(part) && part.chars().all(is_plain))
}

/// The keys whose values everybody may read.
const PLAIN: [&str; 13] = [
    "name",
    "kind",
    "server",
    "port",
    "security",
    "unencrypted",
    "from",
    "user",
    "mail",
    "robot",
    "timeout_s",
    "department",
    "bureau",
];

/// The bytes that a secret has at least.
const SHORTEST: usize = 4;

/// The texts of the file that may be secrets although none may stand there; mistakes are shown without them.
fn secrets_in(text: &str) -> Vec<String> {
    let mut secrets = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('[')) {
        let mut key = "";
        // Every second piece stands between quotes.
        for (number, piece) in line.split(['"', '\'']).enumerate() {
            let value = match (number % 2, piece.rsplit_once('=')) {
                (1, _) => piece.trim(),
                // What has no quotes is no text to TOML, and a secret all the same.
                (_, Some((before, after))) => {
                    key = before
                        .rsplit(|c: char| !(c.is_alphanumeric() || c == '_'))
                        .find(|own| !own.is_empty())
                        .unwrap_or("");
                    after.trim().trim_matches(['{', '}', '[', ']', ',', ' '])
                }
                (_, None) => continue,
            };
            let is_open = PLAIN.contains(&key) && !value.contains("://") || value.starts_with(ENV);
            if !is_open && value.len() >= SHORTEST {
                secrets.push(value.to_owned());
            }
        }
    }
    // What is a part of another is hidden after it.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str) -> Result<Settings, Vec<Mistake>> {
        Settings::open(&TomlFile::new("send.toml", text))
    }

    /// What is wrong with a file, in English.
    fn wrong(text: &str) -> Vec<String> {
        open(text).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    const MAIL: &str = "[mail]\nserver = \"smtp.example.com\"\nfrom = \"业扩 <a@example.com>\"\n";
    const ROBOT: &str = "[[robot]]\nname = \"all\"\nkind = \"wecom\"\nwebhook = \"env:HOOK\"\n";

    #[test]
    fn a_file_is_read_with_its_defaults() {
        let text = "[mail]\nserver = \"smtp.example.com\"\nfrom = \"业扩 <a@example.com>\"\nuser = \"a\"\npassword = \"env:PASS\"\n\
                    [[robot]]\nname = \"all\"\nkind = \"dingtalk\"\nwebhook = \"env:HOOK\"\nsecret = \"env:SIGN\"\n\
                    [public]\nmail = [\"p@example.com\"]\nrobot = [\"all\"]\n\
                    [[recipient]]\nfor = { department = \"营销部\" }\nmail = [\"y@example.com\"]\n";
        let settings = open(text).unwrap();
        let mail = settings.mail.unwrap();
        assert_eq!(
            (mail.port, mail.security, mail.sender.as_str(), mail.from.as_str()),
            (465, Security::Tls, "业扩", "a@example.com")
        );
        assert_eq!(mail.login, Some(("a".to_owned(), Variable("PASS".to_owned()))));
        assert_eq!(settings.timeout, Duration::from_secs(30));
        assert_eq!(settings.robots[0].secret, Some(Variable("SIGN".to_owned())));
        assert_eq!((settings.public_mail.len(), &settings.public_robots[..]), (1, &[0][..]));
        assert!(open("").unwrap().mail.is_none());
        let ports = [("starttls", 587), ("tls", 465)];
        for (security, port) in ports {
            let settings = open(&format!("{MAIL}security = \"{security}\"\n")).unwrap();
            assert_eq!(settings.mail.unwrap().port, port);
        }
    }

    #[test]
    fn what_would_send_to_the_wrong_place_is_a_mistake() {
        let for_department = "[[recipient]]\nfor = { department = \"A\" }\n";
        for (text, said) in [
            ("timeout_s = 0", "no such time"),
            ("timeout_s = 601", "no such time"),
            (&*format!("{ROBOT}{ROBOT}"), "no name of its own"),
            (&format!("{ROBOT}{}", ROBOT.replace("all", "other")), "two robots are the same"),
            (&format!("{ROBOT}secret = \"env:S\"\n"), "sign nothing"),
            (&ROBOT.replace("env:HOOK", "https://example.com?key=1"), "does not stand in a file"),
            (&ROBOT.replace("env:HOOK", "env:"), "does not stand in a file"),
            ("[public]\nrobot = [\"all\"]\n", "no robot `all`"),
            (&format!("{ROBOT}[public]\nrobot = [\"all\"]\n{for_department}robot = \"all\"\n"), "is used twice"),
            (
                &format!(
                    "{ROBOT}{for_department}robot = \"all\"\n[[recipient]]\nfor = {{ department = \"B\" }}\nrobot = \"all\"\n"
                ),
                "is used twice",
            ),
            (&format!("{ROBOT}[[recipient]]\nfor = {{ owner = \"A\" }}\nrobot = \"all\"\n"), "told in no group"),
            (&format!("{MAIL}{for_department}mail = [\"a@b\"]\n{for_department}mail = [\"a@b\"]\n"), "named twice"),
            (for_department, "where to send to"),
            (&format!("{MAIL}[[recipient]]\nfor = {{}}\nmail = [\"a@b\"]\n"), "whose hand-outs"),
            (&format!("{for_department}mail = [\"a@b\"]\n"), "no mail server"),
            (&format!("{MAIL}{for_department}mail = [\"A <a@b>\"]\n"), "no mail address"),
            (&format!("{MAIL}{for_department}mail = [\"a@b\\r\\nBcc: c@d\"]\n"), "no mail address"),
            (&format!("{MAIL}[public]\nmail = [\"a@b\", \"a@b\"]\n"), "named twice"),
            (&format!("{MAIL}security = \"none\"\n"), "unencrypted"),
            (&format!("{MAIL}user = \"a\"\n"), "is absent"),
            (&format!("{MAIL}user = \"a\"\npassword = \"hunter2\"\n"), "does not stand in a file"),
            (&MAIL.replace("a@example.com", "nobody"), "nobody who sends"),
            (&MAIL.replace("smtp.example.com", "https://smtp"), "no name of a server"),
        ] {
            let found = wrong(text);
            assert!(found.iter().any(|found| found.contains(said)), "{said} is not in {found:?} of\n{text}");
        }
        for fine in [
            format!("{MAIL}security = \"none\"\nunencrypted = true\n"),
            MAIL.replace("smtp.example.com", "127.0.0.1") + "security = \"none\"\n",
            MAIL.replace("smtp.example.com", "localhost") + "security = \"none\"\n",
        ] {
            assert_eq!(wrong(&fine), Vec::<String>::new(), "{fine}");
        }
    }

    #[test]
    fn no_mistake_shows_a_webhook_or_a_password() {
        for text in [
            "[[robot]]\nname = \"a\"\nkind = \"wecom\"\nwebhook = \"https://h/?key=CANARY\"\n",
            "[[robot]]\nname = \"a\"\nkind = \"wecom\"\nwebhook = https://h/?key=CANARY\n",
            "[[robot]]\nname = \"a\"\nkind = \"wecom\"\nwebhok = \"https://h/?key=CANARY\"\n",
            "[[robot]]\nname = \"https://h/?key=CANARY\"\nkind = \"telegram\"\nwebhook = \"env:H\"\n",
            "robot = [{ name = \"a\", kind = \"dingtalk\", webhook = \"env:H\", secret = 'SECCANARY' }]\n",
            "[mail]\nserver = \"s\"\nfrom = \"a@b\"\nuser = \"u\"\npassword = \"CANARY\"\nmore = 1\n",
            "[mail]\nserver = \"s\"\nfrom = \"a@b\"\nuser = \"u\"\npassword = \"CANARY\n",
            "[mail]\npassword = CANARY\n",
            "[mail]\nmail.password = [\"CANARY\"]\n",
        ] {
            let mistakes = open(text).unwrap_err();
            let shown = crate::error::Error::from(mistakes);
            for lang in [Lang::Zh, Lang::En] {
                let shown = shown.report(lang);
                assert!(!shown.contains("CANARY"), "{text}\n{shown}");
            }
        }
        assert!(secrets_in("webhook = \"env:HOOK\"\n# [mail]\nmail = [\"a@b\"]\n").is_empty());
    }

    #[test]
    fn an_address_is_one_mailbox() {
        for (text, is) in [
            ("a@b", true),
            ("first.last+tag@mail.example.com", true),
            ("a@b@c", false),
            ("@b", false),
            ("a@", false),
            ("a b@c", false),
            ("a@b,c@d", false),
            ("a@b\n", false),
            ("甲@b", false),
        ] {
            assert_eq!(is_address(text), is, "{text}");
        }
    }
}
