//! What goes to whom: the messages of a report, and what is left out of them and why.
//!
//! A list of what may pass. Of a public report: its figures, its pages and its workbook. Of any other: to each recipient
//! the workbooks that were handed out for them and nobody else, and how many rows those have; in a group no more than that.

use std::collections::{BTreeMap, BTreeSet};

use super::published::{File, Published};
use super::receipts::Receipts;
use super::settings::{Recipient, Robot, RobotKind, Settings, Variable};
use crate::error::toml_text;
use crate::hash;
use crate::report::HandedOut;
use crate::report::headline::Headline;
use crate::rules::house::House;
use crate::spelling::nearest;
use crate::words::{Lang, Words};

/// What a receipt of a mail says that it went by.
pub(super) const MAIL: &str = "mail";
/// The bytes that a message to a group may have.
const fn limit(kind: RobotKind) -> usize {
    match kind {
        RobotKind::Wecom => 2048,
        // 20,000 with all that is around the text.
        RobotKind::Dingtalk => 18_000,
    }
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Channel {
    /// To an address.
    Mail(String),
    /// To the group of a robot, by its number.
    Robot(usize),
}

/// A file of the report that goes with a message.
#[derive(Debug)]
pub(super) struct Attachment {
    pub(super) file: File,
    /// What it is called in the message.
    pub(super) name: String,
}

/// A message.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) channel: Channel,
    /// Who it is for.
    pub(super) who: Words,
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) files: Vec<Attachment>,
    /// What tells it from every other message, and from the same one that was sent before.
    #[cfg_attr(not(feature = "send"), expect(dead_code, reason = "only who sends needs it"))]
    pub(super) id: String,
}

/// What is to be sent of a report.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) messages: Vec<Message>,
    /// What was sent before, with when.
    pub(super) already: Vec<Words>,
    /// What is not sent, and why.
    pub(super) left_out: Vec<Words>,
}

/// All that messages are made of.
pub(super) struct Composer<'a> {
    pub(super) report: &'a Published,
    pub(super) settings: &'a Settings,
    /// What the settings stand in, as users are told.
    pub(super) file: &'a str,
    pub(super) house: &'a House,
    pub(super) receipts: &'a Receipts,
    /// Whether what was sent is sent again.
    pub(super) again: bool,
}

impl Composer<'_> {
    /// What goes to whom.
    pub(super) fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        match self.report.is_public {
            true => self.public(&mut plan),
            false => self.internal(&mut plan),
        }
        plan
    }

    fn public(&self, plan: &mut Plan) {
        let Composer { report, settings, file, .. } = self;
        let lang = report.lang;
        let everybody = Words::new("公开报告的收件人", "recipients of public reports");
        for address in &settings.public_mail {
            let files =
                report.first_floor.iter().map(|file| Attachment { name: file.path.clone(), file: file.clone() });
            let files = self.not_sent(address, files.collect(), plan);
            if files.is_empty() {
                continue;
            }
            let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
            let names = lang.pick("附件：", "attached: ").to_owned() + &names.join(lang.pick("、", ", "));
            let lines = [self.head(), self.figures(), vec![names], self.contact()].concat();
            let subject = self.subject();
            plan.messages.push(self.mail(address, everybody.clone(), subject, &lines, files));
        }
        let lines = [self.head(), self.figures(), self.contact()].concat();
        for number in &settings.public_robots {
            self.tell(*number, everybody.clone(), &lines, plan);
        }
        if settings.public_mail.is_empty() && settings.public_robots.is_empty() {
            plan.left_out.push(Words::new(
                format!("没有人收公开报告；请在 {file} 写 [public]，其中 mail = [\"…\"] 或 robot = [\"…\"]"),
                format!("nobody gets public reports; write [public] with mail = [\"…\"] or robot = [\"…\"] in {file}"),
            ));
        }
        if report.others > 0 {
            let others = report.others;
            plan.left_out.push(Words::new(
                format!("图表和指标表等 {others} 个文件：只发页面和工作簿"),
                format!("{others} other files (charts, marts): pages and workbook only are sent"),
            ));
        }
        let recipients = settings.recipients.len();
        if recipients > 0 {
            plan.left_out.push(Words::new(
                format!("{recipients} 个 [[recipient]]：公开报告没有分发件"),
                format!("{recipients} of [[recipient]]: a public report has no hand-outs"),
            ));
        }
    }

    fn internal(&self, plan: &mut Plan) {
        let Composer { report, settings, .. } = self;
        let rest = report.first_floor.len() + report.others;
        plan.left_out.push(Words::new(
            format!("报告的页面、工作簿等 {rest} 个文件：这是内部报告，只发分发件"),
            format!("pages, workbook and other files of the report, {rest} in all: of a report for the office only hand-outs are sent"),
        ));
        let public = settings.public_mail.len() + settings.public_robots.len();
        if public > 0 {
            plan.left_out.push(Words::new(
                format!("[public] 的 {public} 个收件人：这不是公开报告"),
                format!("{public} recipients of [public]: this is no public report"),
            ));
        }
        for recipient in &settings.recipients {
            let own: Vec<&(HandedOut, File)> =
                report.handouts.iter().filter(|(handout, _)| handout.whose == recipient.whose).collect();
            match own.is_empty() {
                true => plan.left_out.push(self.nothing_for(recipient)),
                false => self.hand_out(recipient, &own, plan),
            }
        }
        plan.left_out.extend(self.for_nobody());
    }

    /// The messages to a recipient about the hand-outs that are theirs.
    fn hand_out(&self, recipient: &Recipient, own: &[&(HandedOut, File)], plan: &mut Plan) {
        let lang = self.report.lang;
        let name = one_line(&recipient.name());
        let who = Words::new(&name, &name);
        for address in &recipient.mail {
            let files = own.iter().map(|(_, file)| Attachment { name: handed_name(&file.path), file: file.clone() });
            let files = self.not_sent(address, files.collect(), plan);
            if files.is_empty() {
                continue;
            }
            let sent: BTreeSet<&str> = files.iter().map(|attached| attached.file.path.as_str()).collect();
            let line = |(handout, file): &&&(HandedOut, File)| {
                let (title, rows, name) = (one_line(&handout.title), handout.rows, handed_name(&file.path));
                lang.pick(
                    format!("{title}：{rows} 行，见附件 {name}"),
                    format!("{title}: {}, attached as {name}", counted(rows)),
                )
            };
            let lines = own.iter().filter(|(_, file)| sent.contains(file.path.as_str())).map(|own| line(&own));
            let whose = lang.pick(format!("以下内容属于{name}："), format!("for {name}:"));
            let lines = [self.head(), vec![whose], lines.collect(), self.contact()].concat();
            let subject = lang.pick(format!("{}：{name}", self.subject()), format!("{}: {name}", self.subject()));
            plan.messages.push(self.mail(address, who.clone(), subject, &lines, files));
        }
        let Some(number) = recipient.robot else { return };
        let line = |(handout, _): &&(HandedOut, File)| {
            let (title, rows) = (one_line(&handout.title), handout.rows);
            lang.pick(format!("{name}：{title} {rows} 行"), format!("{name}: {title}, {}", counted(rows)))
        };
        let mut lines = [self.head(), own.iter().map(line).collect()].concat();
        if recipient.mail.is_empty() {
            let files = own.iter().map(|(_, file)| file.path.as_str()).collect::<Vec<_>>();
            plan.left_out.push(Words::new(
                format!("{}：群里只告诉行数，不发文件；请在 {} 给 {name} 写 mail", files.join("、"), self.file),
                format!(
                    "{}: a group is told of rows and gets no files; write `mail` for {name} in {}",
                    files.join(", "),
                    self.file
                ),
            ));
        } else {
            lines.push(lang.pick("明细见邮件。", "The rows are in the mail.").to_owned());
        }
        self.tell(number, who, &lines, plan);
    }

    /// The files that were not sent to an address; the others are noted.
    fn not_sent(&self, address: &str, files: Vec<Attachment>, plan: &mut Plan) -> Vec<Attachment> {
        let mut left = Vec::new();
        for attached in files {
            match self.receipts.of_file(MAIL, address, &attached.file.sha256).filter(|_| !self.again) {
                None => left.push(attached),
                Some(at) => {
                    let name = &attached.name;
                    plan.already.push(Words::new(
                        format!("{name} → {address}：已于 {at} 发送"),
                        format!("{name} → {address}: sent on {at}"),
                    ));
                }
            }
        }
        left
    }

    fn mail(&self, address: &str, who: Words, subject: String, lines: &[String], files: Vec<Attachment>) -> Message {
        let text = lines.join("\n") + "\n";
        let shas: Vec<&str> = files.iter().map(|attached| attached.file.sha256.as_str()).collect();
        let before = self.receipts.count(MAIL, address);
        let id = hash::sha256(format!("{address}\n{before}\n{}\n{text}", shas.join(",")).as_bytes());
        Message { channel: Channel::Mail(address.to_owned()), who, subject, text, files, id }
    }

    /// Tells a group something, unless it was told before.
    fn tell(&self, number: usize, who: Words, lines: &[String], plan: &mut Plan) {
        let robot = &self.settings.robots[number];
        let text = cut(lines, limit(robot.kind), self.report.lang);
        let id = hash::sha256(text.as_bytes());
        match self.receipts.of_text(robot.kind.code(), &robot.webhook.0, &id).filter(|_| !self.again) {
            Some(at) => plan.already.push(Words::new(
                format!("{}：已于 {at} 发送", robot.title(Lang::Zh)),
                format!("{}: sent on {at}", robot.title(Lang::En)),
            )),
            None => {
                let subject = String::new();
                plan.messages.push(Message {
                    channel: Channel::Robot(number),
                    who,
                    subject,
                    text,
                    files: Vec::new(),
                    id,
                });
            }
        }
    }

    /// A recipient of whom the report has nothing, and why that may be.
    fn nothing_for(&self, recipient: &Recipient) -> Words {
        let columns: Vec<&String> = recipient.whose.keys().collect();
        let of_kind = self.report.handouts.iter().filter(|(own, _)| own.whose.keys().collect::<Vec<_>>() == columns);
        let names: Vec<String> = of_kind.map(|(own, _)| joined(&own.whose)).collect();
        let name = recipient.name();
        match (names.is_empty(), nearest(&name, names.iter().map(String::as_str))) {
            (true, _) => {
                let by = columns.iter().map(|column| column.as_str()).collect::<Vec<_>>().join(", ");
                Words::new(
                    format!("{name}：本报告没有按 {by} 分发"),
                    format!("{name}: this report hands nothing out by `{by}`"),
                )
            }
            (_, Some(near)) => Words::new(
                format!("{name}：没有分发件，是否指「{near}」？请改 {}", self.file),
                format!("{name}: there is no hand-out; did you mean `{near}`? Change {}", self.file),
            ),
            _ => Words::new(
                format!("{name}：没有分发件，本期没有与其有关的行"),
                format!("{name}: there is no hand-out: no row of this report concerns them"),
            ),
        }
    }

    /// The hand-outs that nobody gets, with what to write.
    fn for_nobody(&self) -> Vec<Words> {
        let mut whose: BTreeMap<&BTreeMap<String, String>, Vec<&File>> = BTreeMap::new();
        let known: Vec<_> = self.settings.recipients.iter().map(|recipient| &recipient.whose).collect();
        for (handout, file) in self.report.handouts.iter().filter(|(own, _)| !known.contains(&&own.whose)) {
            whose.entry(&handout.whose).or_default().push(file);
        }
        let nobody = |(whose, files): (&BTreeMap<String, String>, Vec<&File>)| {
            let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
            let file = self.file;
            if whose.is_empty() {
                return Words::new(
                    format!("{}：其中的行没有写明属于谁", paths.join("、")),
                    format!("{}: its rows do not say whose they are", paths.join(", ")),
                );
            }
            let pairs: Vec<String> = whose.iter().map(|(by, value)| format!("{by} = {}", toml_text(value))).collect();
            let entry = format!("\n[[recipient]]\nfor = {{ {} }}\nmail = [\"…\"]", pairs.join(", "));
            Words::new(
                format!("{}：没有收件人；请在 {file} 写{entry}", paths.join("、")),
                format!("{}: nobody gets it; write in {file}{entry}", paths.join(", ")),
            )
        };
        whose.into_iter().map(nobody).collect()
    }

    fn subject(&self) -> String {
        let Published { title, period, lang, .. } = self.report;
        one_line(&lang.pick(format!("{title}（{period}）"), format!("{title}, {period}")))
    }

    /// The unit, the report, and how far its data reach.
    fn head(&self) -> Vec<String> {
        let Published { as_of, data_until, lang, .. } = self.report;
        let until = data_until.as_deref().unwrap_or(lang.pick("无数据", "no data"));
        let days = lang.pick(
            format!("统计日 {as_of}，数据截至 {until}"),
            format!("as of {as_of}; newest event in the data: {until}"),
        );
        let unit = Some(self.house.unit(*lang)).filter(|unit| !unit.is_empty()).map(one_line);
        unit.into_iter().chain([self.subject(), one_line(&days)]).collect()
    }

    /// The figures of a public report.
    fn figures(&self) -> Vec<String> {
        let lang = self.report.lang;
        let line = |figure: &Headline| {
            let (title, value, detail) = (&figure.title, &figure.value, &figure.detail);
            let line = lang.pick(format!("{title}：{value}"), format!("{title}: {value}"));
            match detail.is_empty() {
                true => one_line(&line),
                false => one_line(&lang.pick(format!("{line}（{detail}）"), format!("{line} ({detail})"))),
            }
        };
        self.report.headlines.iter().map(line).collect()
    }

    /// Whom readers can ask.
    fn contact(&self) -> Vec<String> {
        let contact = self.house.contact.get(self.report.lang);
        if contact.is_empty() { Vec::new() } else { vec![one_line(contact)] }
    }
}

/// The variables of the environment that messages need, each with what it holds.
pub(super) fn needed(messages: &[Message], settings: &Settings) -> BTreeMap<Variable, Words> {
    let mut needed = BTreeMap::new();
    for message in messages {
        match &message.channel {
            Channel::Mail(_) => {
                if let Some((_, password)) = settings.mail.as_ref().and_then(|mail| mail.login.as_ref()) {
                    needed.insert(password.clone(), Words::new("邮箱的密码", "the password of the mail server"));
                }
            }
            Channel::Robot(number) => {
                let robot = &settings.robots[*number];
                let of = Words::of(|lang| robot.title(lang));
                let webhook = Words::new(format!("{}的地址", of.zh), format!("the webhook of the {}", of.en));
                needed.insert(robot.webhook.clone(), webhook);
                if let Some(secret) = &robot.secret {
                    let what = Words::new(format!("{}加签的密钥", of.zh), format!("what the {} signs with", of.en));
                    needed.insert(secret.clone(), what);
                }
            }
        }
    }
    needed
}

impl Recipient {
    /// Who they are, as the report writes it.
    fn name(&self) -> String {
        joined(&self.whose)
    }
}

impl Message {
    /// Where it goes, as users are told.
    pub(super) fn address(&self, robots: &[Robot], lang: Lang) -> String {
        let who = self.who.get(lang);
        match &self.channel {
            Channel::Mail(address) => {
                lang.pick(format!("邮件 → {who} <{address}>"), format!("mail → {who} <{address}>"))
            }
            Channel::Robot(number) => format!("{} → {who}", robots[*number].title(lang)),
        }
    }
}

fn joined(whose: &BTreeMap<String, String>) -> String {
    whose.values().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// What a hand-out is called in a message: `handouts/title/name.xlsx` is `title-name.xlsx`.
fn handed_name(path: &str) -> String {
    path.split('/').skip(1).collect::<Vec<_>>().join("-")
}

fn counted(rows: usize) -> String {
    format!("{rows} {}", if rows == 1 { "row" } else { "rows" })
}

/// A text of the report in one line.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// As many whole lines as a group can be told at once, with a word where that is not all.
fn cut(lines: &[String], limit: usize, lang: Lang) -> String {
    let whole = lines.join("\n");
    if whole.len() <= limit {
        return whole;
    }
    let rest = lang.pick("……其余见报告", "… the rest is in the report");
    let mut text = String::new();
    for line in lines {
        if text.len() + line.len() + 1 + rest.len() > limit {
            break;
        }
        text += line;
        text.push('\n');
    }
    if text.is_empty() {
        let mut end = limit - rest.len();
        while !whole.is_char_boundary(end) {
            end -= 1;
        }
        text.push_str(&whole[..end]);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_a_line_with_a_word() {
        let lines = |count: usize| (0..count).map(|number| format!("第 {number:03} 行")).collect::<Vec<_>>();
        for count in [0, 1, 10, 1_000] {
            let text = cut(&lines(count), 2048, Lang::Zh);
            assert!(text.len() <= 2048, "{count}: {}", text.len());
            assert_eq!(text.ends_with("……其余见报告"), count == 1_000, "{count}");
            assert!(text.lines().all(|line| line.starts_with('第') && line.ends_with('行') || line == "……其余见报告"));
        }
        // Just as long as it may be.
        let fits = ["字".repeat(10)];
        assert_eq!(cut(&fits, 30, Lang::En), fits[0]);
        let long = ["字".repeat(100)];
        let text = cut(&long, 100, Lang::En);
        assert!(text.len() <= 100 && text.starts_with('字') && text.ends_with("… the rest is in the report"), "{text}");
    }

    #[test]
    fn no_text_of_a_report_breaks_a_line() {
        assert_eq!(one_line("a\r\nBcc: b\u{85}c\td"), "a Bcc: b c d");
        assert_eq!(handed_name("handouts/考核表核实/营销部.xlsx"), "考核表核实-营销部.xlsx");
    }
}
