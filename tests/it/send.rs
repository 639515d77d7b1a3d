//! A published report goes to those who may have it, and to nobody else: real servers on this machine take it, and what they
//! took is compared with the files of the report.
//!
//! Of April 2026 every Monday to Friday is a working day except the 6th.

mod servers;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Child, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::place::{Outcome, Place, holds, project, python, sha256};
use servers::{Does, Letter, MailDoes, MailServer, Robots};

const APPLICATIONS: &str = "\
application_id,customer_name,customer_phone,bureau,voltage_kv,capacity_kva,manager_id,accepted_at,energised_at
A1,张金鹿机械厂,13912345678,城东局,10,500,M1,2026-04-01,
A2,李银鹿酒店,13987654321,城西局,10,500,M1,2026-04-01,
A3,王铜鹿商场,13911112222,城东局,10,500,M2,2026-04-01,
";

const STAGES: &str = "\
application_id,stage,department,handler,started_at,finished_at,due_on
A1,survey,营销部,赵经办,2026-04-01,2026-04-10,2026-04-03
A1,scheme,发展策划部,,2026-04-07,2026-04-13,2026-04-09
A2,survey,营销部,钱经办,2026-04-01,2026-04-09,2026-04-03
A3,survey,配电工区,孙经办,2026-04-01,2026-04-09,2026-04-03
";

const OUTAGES: &str = "\
outage_id,application_id,ready_at,outage_at,affects_others,planned_on
T1,A1,2026-04-20,,true,2026-05-11
T2,A2,2026-04-20,,true,2026-05-12
";

/// What no group may read.
const PERSONAL: [&str; 10] =
    ["金鹿", "银鹿", "铜鹿", "经办", "13912345678", "13987654321", "13911112222", "A1", "A2", "A3"];

/// Secrets of the environment, as they are and as servers can say them back.
const TOKENS: [&str; 3] = ["tok-en-of-all-1", "tok-en-of-market", "tok-en-of-east-9"];
const SIGN: &str = "SECsigned-with-this";
const PASSWORD: &str = "pass-word-of-mail";

/// Who gets what: a mail server, three robots, two departments and a bureau.
fn settings(mail: u16) -> String {
    format!(
        r#"timeout_s = 2
[mail]
server = "127.0.0.1"
port = {mail}
security = "none"
from = "业扩管理班 <office@example.com>"

[[robot]]
name = "公示"
kind = "wecom"
webhook = "env:HOOK_ALL"
[[robot]]
name = "市场"
kind = "dingtalk"
webhook = "env:HOOK_MARKET"
secret = "env:SIGN_MARKET"
[[robot]]
name = "城东"
kind = "wecom"
webhook = "env:HOOK_EAST"

[public]
mail = ["news@example.com"]
robot = ["公示"]

[[recipient]]
for = {{ department = "营销部" }}
mail = ["market@example.com", "market2@example.com"]
robot = "市场"
[[recipient]]
for = {{ department = "发展策划部" }}
mail = ["planning@example.com"]
[[recipient]]
for = {{ bureau = "城东局" }}
mail = ["east@example.com"]
robot = "城东"
"#
    )
}

/// A folder with an internal report in `reports/m` and who gets what of it.
struct Office {
    place: Place,
    robots: Robots,
    mail: MailServer,
}

impl Office {
    fn new(robots: Robots, mail: MailServer) -> Office {
        let place = Place::new();
        place.write("data/applications.csv", APPLICATIONS);
        place.write("data/stages.csv", STAGES);
        place.write("data/outages.csv", OUTAGES);
        place.pipelines();
        place.write("pipelines/house.toml", "unit = { zh = \"某市供电公司\", en = \"City Power\" }\n");
        place.write("pipelines/send.toml", settings(mail.port()));
        Office { place, robots, mail }
    }

    fn with_report(robots: Robots, mail: MailServer) -> Office {
        let office = Office::new(robots, mail);
        office.report("monthly", "reports/m");
        office
    }

    fn report(&self, pipeline: &str, out: &str) {
        self.place.run(&["run", pipeline, "--allow-stale", "--as-of", "2026-04-30", "--out", out]).ends(0);
    }

    /// Runs `yekuo send` with every secret in the environment, and a proxy that is not there.
    fn send(&self, arguments: &str) -> Outcome {
        self.send_with(arguments, &[])
    }

    fn send_with(&self, arguments: &str, more: &[(&str, &str)]) -> Outcome {
        let arguments: Vec<&str> = ["send"].into_iter().chain(arguments.split_whitespace()).collect();
        let mut command = self.place.command(&arguments);
        for (name, robot, token) in
            [("HOOK_ALL", "all", TOKENS[0]), ("HOOK_MARKET", "market", TOKENS[1]), ("HOOK_EAST", "east", TOKENS[2])]
        {
            command.env(name, self.robots.url(robot, token));
        }
        command.env("SIGN_MARKET", SIGN).env("MAIL_PASSWORD", PASSWORD);
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            command.env(name, "http://127.0.0.1:9");
        }
        let outcome = Outcome::new(command.envs(more.iter().copied()).output().unwrap());
        assert_tells_no_secret(&(outcome.out.clone() + &outcome.err));
        outcome
    }

    /// The mails that were taken, read by another program.
    fn letters(&self) -> Vec<Read> {
        let letters = self.mail.letters();
        let mut python = python();
        python.arg(project().join("tests/oracle/mail.py"));
        for (number, Letter { bytes, .. }) in letters.iter().enumerate() {
            let name = format!("letters/{number}.eml");
            self.place.write(&name, bytes);
            python.arg(self.place.path(&name));
        }
        let read = Outcome::new(python.output().unwrap()).ends(0);
        let read: Vec<Read> = serde_json::from_str(&read.out).unwrap();
        for (letter, read) in letters.iter().zip(&read) {
            assert_eq!(letter.to, std::slice::from_ref(&read.to), "one address, and the one that it says");
        }
        fs::remove_dir_all(self.place.path("letters")).ok();
        read
    }

    /// The files of a hand-out's recipient, by their SHA-256, from the report itself.
    fn handed_out(&self, column: &str, value: &str) -> BTreeSet<String> {
        let run = self.place.json("reports/m/run.json");
        let handouts = run["handouts"].as_array().unwrap().iter();
        let own = handouts.filter(|handout| handout["for"] == serde_json::json!({ column: value }));
        own.map(|own| sha256(&self.place.bytes(&format!("reports/m/{}", own["path"].as_str().unwrap())))).collect()
    }
}

/// A mail as another program reads it.
#[derive(Debug, Deserialize)]
struct Read {
    from: String,
    to: String,
    subject: String,
    #[serde(rename = "message-id")]
    id: String,
    text: String,
    files: Vec<Attached>,
}

#[derive(Debug, Deserialize)]
struct Attached {
    name: String,
    r#type: String,
    sha256: String,
}

impl Read {
    fn shas(&self) -> BTreeSet<String> {
        self.files.iter().map(|file| file.sha256.clone()).collect()
    }
}

fn assert_tells_no_secret(text: &str) {
    for secret in TOKENS.iter().chain([&SIGN, &PASSWORD]) {
        for secret in [(*secret).to_owned(), STANDARD.encode(secret)] {
            assert!(!text.contains(&secret), "`{secret}` is told in\n{text}");
        }
    }
}

fn every_group() -> Robots {
    Robots::start(&[])
}

fn every_mailbox() -> MailServer {
    MailServer::start(None, &[])
}

/// HMAC-SHA256 by RFC 2104.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let padded = |with: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or_default() ^ with).collect() };
    let inner = Sha256::digest([&padded(0x36)[..], text].concat());
    Sha256::digest([&padded(0x5c)[..], &inner[..]].concat()).to_vec()
}

#[test]
fn nothing_is_connected_to_unless_it_is_meant() {
    let office = Office::with_report(every_group(), every_mailbox());
    let before = office.place.files(".");
    let said = office.send("reports/m --lang zh").ends(0).out;
    holds(
        &said,
        &[
            "没有连接任何服务器",
            "邮件 → 营销部 <market@example.com>",
            "主题：业扩服务月度考核报告（2026-04）：营销部",
            "| 某市供电公司",
            "| 考核表核实：2 行，见附件 考核表核实-营销部.xlsx",
            "即 handouts/考核表核实/营销部.xlsx",
            "钉钉群机器人「市场」 → 营销部",
            "| 营销部：考核表核实 2 行",
            "handouts/考核表核实/配电工区.xlsx：没有收件人；请在 pipelines/send.toml 写",
            "for = { department = \"配电工区\" }",
            "这是内部报告",
            "[public] 的 2 个收件人：这不是公开报告",
        ],
    );
    holds(
        &office.send("reports/m --lang en").ends(0).out,
        &[
            "nothing was connected to",
            "mail → 营销部 <market@example.com>",
            "nobody gets it; write in pipelines/send.toml",
        ],
    );
    // What is not there yet is named, and stops nobody from looking.
    let bare = office.place.yekuo("send reports/m --lang en").ends(0).out;
    holds(
        &bare,
        &["to be set in the environment first", "HOOK_MARKET: the webhook of the DingTalk robot", "SIGN_MARKET"],
    );
    assert!(!bare.contains("HOOK_ALL"), "{bare}");
    assert_eq!((office.robots.connections(), office.mail.connections()), (0, 0));
    assert!(office.place.files(".") == before, "nothing is written");
}

#[test]
fn each_department_gets_its_own_hand_outs_and_nothing_else() {
    let office = Office::with_report(every_group(), every_mailbox());
    let before = office.place.files("reports/m");
    let outcome = office.send("reports/m --really --lang zh").ends(0);
    holds(&outcome.err, &["已发送：邮件 → 营销部 <market@example.com>", "已发送：企业微信群机器人「城东」 → 城东局"]);
    assert_eq!(outcome.out, "已发送 6 条，失败 0 条，以前已发送 0 项\n");

    let own: BTreeMap<&str, BTreeSet<String>> = BTreeMap::from([
        ("market@example.com", office.handed_out("department", "营销部")),
        ("market2@example.com", office.handed_out("department", "营销部")),
        ("planning@example.com", office.handed_out("department", "发展策划部")),
        ("east@example.com", office.handed_out("bureau", "城东局")),
    ]);
    assert!(own.values().all(|files| !files.is_empty()), "{own:?}");
    let letters = office.letters();
    assert_eq!(letters.iter().map(|letter| letter.to.as_str()).collect::<BTreeSet<_>>(), own.keys().copied().collect());
    assert_eq!(letters.len(), own.len());
    assert_eq!(office.mail.connections(), 1, "servers count who logs in");
    for letter in &letters {
        assert_eq!(letter.shas(), own[letter.to.as_str()], "{letter:?}");
        assert_eq!(letter.from, "业扩管理班 <office@example.com>");
        assert!(letter.files.iter().all(|file| file.name.ends_with(".xlsx") && file.r#type.contains("spreadsheetml")));
    }
    let planning = letters.iter().find(|letter| letter.to == "planning@example.com").unwrap();
    assert_eq!(planning.subject, "业扩服务月度考核报告（2026-04）：发展策划部");
    assert_eq!(planning.files[0].name, "考核表核实-发展策划部.xlsx");
    holds(&planning.text, &["某市供电公司\n", "统计日 2026-04-30，数据截至 2026-04-13\n", "考核表核实：1 行"]);

    let told = office.robots.told();
    assert_eq!(told.iter().map(|told| told.robot.as_str()).collect::<Vec<_>>(), ["market", "east"]);
    let text = "某市供电公司\n业扩服务月度考核报告（2026-04）\n统计日 2026-04-30，数据截至 2026-04-13\n\
                营销部：考核表核实 2 行\n明细见邮件。";
    assert_eq!(told[0].text, text);
    for told in &told {
        for personal in PERSONAL {
            assert!(!told.text.contains(personal), "{personal} in {}", told.text);
        }
        assert!(told.text.len() <= 2048);
    }
    assert!(!told[1].text.contains("营销部") && told[1].text.contains("城东局"), "{}", told[1].text);
    // What DingTalk checks: the moment, and what it was signed with.
    let signed = &told[0].query;
    assert_eq!(signed["access_token"], TOKENS[1]);
    let sign = hmac(SIGN.as_bytes(), format!("{}\n{SIGN}", signed["timestamp"]).as_bytes());
    assert_eq!(signed["sign"], STANDARD.encode(sign));
    assert!(!told[1].query.contains_key("sign"), "WeCom signs nothing");

    assert!(office.place.files("reports/m") == before, "the report stays as it is");
    let receipts = office.place.text("reports/sent/m.jsonl");
    assert_eq!(receipts.lines().count(), 6);
    assert_tells_no_secret(&receipts);
}

#[test]
fn what_was_sent_is_not_sent_again_but_what_has_changed_is() {
    let office = Office::with_report(every_group(), every_mailbox());
    office.send("reports/m --really").ends(0);
    let again = office.send("reports/m --really --lang en").ends(0);
    assert_eq!(again.out, "0 sent, 0 failed, 6 sent before\n");
    holds(
        &again.err,
        &[
            "not again: 考核表核实-营销部.xlsx → market@example.com: sent on 20",
            "not again: DingTalk robot `市场`: sent on",
        ],
    );
    holds(
        &office.send("reports/m --lang en").ends(0).out,
        &["There is nothing to send", "not sent again (--again does)"],
    );
    assert_eq!((office.letters().len(), office.robots.told().len()), (4, 2));

    // A stage of the planners ended later: theirs is another form, and those of the others stay.
    office.place.write("data/stages.csv", STAGES.replace("2026-04-07,2026-04-13", "2026-04-07,2026-04-14"));
    let market = office.handed_out("department", "营销部");
    office.report("monthly", "reports/m");
    assert_eq!(office.place.json("reports/m/run.json")["edition"], 2);
    let changed = office.send("reports/m --really --lang en").ends(0);
    let letters = office.letters();
    let new: Vec<&Read> = letters[4..].iter().collect();
    for letter in &new {
        let column =
            if letter.to == "east@example.com" { ("bureau", "城东局") } else { ("department", "发展策划部") };
        let column = if letter.to.starts_with("market") { ("department", "营销部") } else { column };
        assert!(letter.shas().is_subset(&office.handed_out(column.0, column.1)), "{letter:?}");
        assert!(letter.shas().is_disjoint(&market), "sent before: {letter:?}");
    }
    assert!(new.iter().any(|letter| letter.to == "planning@example.com"), "{}", changed.err);

    // Whoever asks for it gets it again, as another mail.
    let before = office.letters();
    office.send("reports/m --really --again").ends(0);
    let letters = office.letters();
    assert_eq!(letters.len(), before.len() + 4);
    let ids: BTreeSet<&str> = letters.iter().map(|letter| letter.id.as_str()).collect();
    assert_eq!(ids.len(), letters.len(), "each has an identifier of its own");
}

#[test]
fn a_public_report_goes_to_everybody_and_nothing_else_does() {
    let office = Office::new(every_group(), every_mailbox());
    office.report("public", "reports/p");
    let outcome = office.send("reports/p --really --lang en").ends(0);
    holds(&outcome.err, &["3 of [[recipient]]: a public report has no hand-outs"]);
    let files = office.place.files("reports/p");
    let first: BTreeSet<String> = files
        .iter()
        .filter(|(name, _)| !name.contains('/') && (name.ends_with(".html") || name.ends_with(".xlsx")))
        .map(|(_, bytes)| sha256(bytes))
        .collect();
    let [letter] = &office.letters()[..] else { panic!("one mail") };
    assert_eq!((letter.to.as_str(), letter.shas()), ("news@example.com", first));
    assert!(letter.files.iter().any(|file| file.name == "index.html" && file.r#type == "text/html"));
    let [told] = &office.robots.told()[..] else { panic!("one group") };
    assert_eq!(told.robot, "all");
    for headline in office.place.json("reports/p/run.json")["headlines"].as_array().unwrap() {
        let line = format!("{}：{}", headline["title"].as_str().unwrap(), headline["value"].as_str().unwrap());
        holds(&told.text, &[&line]);
        holds(&letter.text, &[&line]);
    }
    for personal in PERSONAL.into_iter().filter(|personal| !personal.starts_with('A')) {
        assert!(!told.text.contains(personal) && !letter.text.contains(personal), "{personal}");
    }
    // Of a report for the office everybody gets nothing.
    office.report("monthly", "reports/m");
    office.send("reports/m --really").ends(0);
    assert!(office.letters().iter().filter(|letter| letter.to == "news@example.com").count() == 1);
    assert!(office.robots.told().iter().filter(|told| told.robot == "all").count() == 1);
}

#[test]
fn one_that_fails_holds_none_of_the_others_up() {
    let refuses = |said| MailDoes::Refuses(said);
    for (market, market2, east, said) in [
        (
            Does::Answers("{\"errcode\": 310000, \"errmsg\": \"sign not match\"}"),
            refuses("550 5.1.1 no such user"),
            Does::Answers("{\"errcode\": 93000, \"errmsg\": \"invalid webhook url\"}"),
            [
                "DingTalk robot `市场` → 营销部: the answer is errcode 310000 `sign not match`; look at the robot's security settings",
                "mail → 营销部 <market2@example.com>: 127.0.0.1:",
                "answers 550 `5.1.1 no such user`; look at the address",
                "WeCom robot `城东` → 城东局: the answer is errcode 93000 `invalid webhook url`; there is no such robot any more: look at HOOK_EAST",
            ],
        ),
        (
            Does::Waits,
            MailDoes::Waits,
            Does::Closes,
            [
                "DingTalk robot `市场` → 营销部: no answer within 2 seconds; the message may have arrived",
                "mail → 营销部 <market2@example.com>: no answer of 127.0.0.1:",
                "within 2 seconds: look at `server`, `port` and `security`",
                "WeCom robot `城东` → 城东局: the connection broke",
            ],
        ),
        (
            Does::Redirects,
            MailDoes::Closes,
            Does::Fails(502, "<html>bad gateway</html>"),
            [
                "DingTalk robot `市场` → 营销部: the answer (HTTP 302) is not that of a robot; look at the webhook in HOOK_MARKET",
                "mail → 营销部 <market2@example.com>: the connection to 127.0.0.1:",
                "failed; look at `server`, `port` and `security`",
                "the answer (HTTP 502) is not that of a robot",
            ],
        ),
    ] {
        let robots = Robots::start(&[("market", market), ("east", east)]);
        let office = Office::with_report(robots, MailServer::start(None, &[("market2@example.com", market2)]));
        let outcome = office.send("reports/m --really --lang en").ends(1);
        holds(&outcome.err, &said);
        holds(&outcome.out, &["3 sent, 3 failed", "what was sent is not sent again"]);
        let to: BTreeSet<String> = office.letters().into_iter().map(|letter| letter.to).collect();
        assert_eq!(to, ["east@example.com", "market@example.com", "planning@example.com"].map(str::to_owned).into());
        assert!(office.robots.told().iter().all(|told| told.robot != "elsewhere"), "no redirection is followed");

        // The next run sends what has failed and nothing else, to servers that work again.
        let (robots, mail) = (every_group(), every_mailbox());
        office.place.write("pipelines/send.toml", settings(mail.port()));
        let office = Office { robots, mail, ..office };
        let outcome = office.send("reports/m --really --lang en").ends(0);
        assert_eq!(outcome.out, "3 sent, 0 failed, 3 sent before\n", "{}", outcome.err);
        assert_eq!(
            office.letters().iter().map(|letter| letter.to.as_str()).collect::<Vec<_>>(),
            ["market2@example.com"]
        );
        assert_eq!(office.robots.told().len(), 2);
    }
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let office = Office::with_report(every_group(), every_mailbox());
    office.place.write("pipelines/send.toml", settings(9));
    let gone = "http://127.0.0.1:9/market?access_token=tok-en-of-market";
    let said = office.send_with("reports/m --really --lang zh", &[("HOOK_MARKET", gone)]).ends(1).err;
    holds(
        &said,
        &[
            "失败：邮件 → 营销部 <market@example.com>：与 127.0.0.1:9 的连接没有完成",
            "失败：钉钉群机器人「市场」 → 营销部：连接不上",
        ],
    );
    holds(&said, &["已发送：企业微信群机器人「城东」 → 城东局"]);
}

/// A password that is wrong is said with what to do; what a server says back bears no secret, nor does any log.
#[test]
fn no_secret_is_told_whatever_servers_say() {
    let robots = Robots::start(&[("market", Does::Reflects), ("east", Does::Reflects)]);
    let office = Office::with_report(robots, MailServer::start(Some("another one"), &[]));
    let login = "from = \"office@example.com\"\nuser = \"office\"\npassword = \"env:MAIL_PASSWORD\"\n";
    let text = settings(office.mail.port()).replace("from = \"业扩管理班 <office@example.com>\"\n", login);
    office.place.write("pipelines/send.toml", text);
    let outcome = office.send_with("reports/m --really -v --lang en", &[("YEKUO_LOG", "trace")]).ends(1);
    holds(
        &outcome.err,
        &[
            "answers 535 `5.7.8 who is *** or ***`; look at `user` and the password",
            "?access_token=*** at all`; there is no such robot",
        ],
    );
    for (name, bytes) in office.place.files(".") {
        assert_tells_no_secret(&String::from_utf8_lossy(&bytes));
        assert!(!name.contains("tok-en"));
    }

    // A robot of a hand-out is asked only with the password that is right.
    let mail = MailServer::start(Some(PASSWORD), &[]);
    let text = settings(mail.port()).replace("from = \"业扩管理班 <office@example.com>\"\n", login);
    office.place.write("pipelines/send.toml", text);
    let office = Office { mail, robots: every_group(), ..office };
    office.send("reports/m --really").ends(0);
    assert_eq!(office.letters().len(), 4);
}

#[cfg(feature = "failpoints")]
#[test]
fn a_run_that_ends_between_two_messages_is_gone_on_with() {
    let office = Office::with_report(every_group(), every_mailbox());
    for already in 0..6 {
        let outcome = office.send_with("reports/m --really --lang en", &[("YEKUO_FAILPOINTS", "sent=abort")]);
        assert!(outcome.status != 0, "{}", outcome.err);
        assert_eq!(office.place.text("reports/sent/m.jsonl").lines().count(), already + 1);
    }
    let outcome = office.send("reports/m --really --lang en").ends(0);
    assert_eq!(outcome.out, "0 sent, 0 failed, 6 sent before\n");
    let mut to: Vec<String> = office.letters().into_iter().map(|letter| letter.to).collect();
    to.sort();
    assert_eq!(to, ["east@example.com", "market2@example.com", "market@example.com", "planning@example.com"]);
    assert_eq!(office.robots.told().len(), 2);
}

#[cfg(all(feature = "failpoints", unix))]
#[test]
fn of_two_that_send_one_report_the_second_gives_way() {
    let office = Office::with_report(every_group(), every_mailbox());
    let reached = office.place.path("reached");
    let mut first = office.place.command(&["send", "reports/m", "--really"]);
    first
        .env("HOOK_MARKET", office.robots.url("market", TOKENS[1]))
        .env("HOOK_EAST", office.robots.url("east", TOKENS[2]));
    first
        .env("YEKUO_ALONE", "1")
        .env("SIGN_MARKET", SIGN)
        .env("YEKUO_FAILPOINTS", "sent=wait")
        .env("YEKUO_FAILPOINT_REACHED", &reached);
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !reached.exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    office.send("reports/m --really --lang en").fails(75, &["another run is writing", "sent/m.jsonl"]);
    office.send("reports/m --lang en").ends(0);
    first.kill().unwrap();
    first.wait().unwrap();
    // What it has sent is known, whoever ended it.
    let mut tries = 0;
    let outcome = loop {
        let outcome = office.send("reports/m --really --lang en");
        tries += 1;
        if outcome.status != 75 || tries > 100 {
            break outcome.ends(0);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    assert_eq!(outcome.out, "5 sent, 0 failed, 1 sent before\n");
    assert_eq!((office.letters().len(), office.robots.told().len()), (4, 2));
}

#[test]
fn what_is_not_as_it_was_published_is_not_sent() {
    let office = Office::with_report(every_group(), every_mailbox());
    let place = &office.place;
    let refused = |words: &[&str]| {
        for really in ["", " --really"] {
            office.send(&format!("reports/m{really} --lang en")).fails(2, words);
        }
    };
    let form = "reports/m/handouts/考核表核实/营销部.xlsx";
    let (whole, run) = (place.bytes(form), place.text("reports/m/run.json"));
    place.write(form, [&whole[..], b" "].concat());
    refused(&["营销部.xlsx is not as it was published: run the pipeline again first"]);
    place.remove(form);
    refused(&["营销部.xlsx"]);
    place.write(form, &whole);
    for (from, to, said) in [
        ("\"public\": false", "\"public\": true", "says that it is public, and holds tables for the office"),
        ("\"public\": false,", "", "an earlier version published it"),
        (
            "\"path\": \"handouts/考核表核实/营销部.xlsx\",\n      \"title\"",
            "\"path\": \"../../data/stages.csv\",\n      \"title\"",
            "is not as it was published",
        ),
    ] {
        assert_eq!(run.matches(from).count(), 1, "{from}");
        place.write("reports/m/run.json", run.replace(from, to));
        refused(&[said]);
    }
    place.remove("reports/m/run.json");
    refused(&["there is no report in reports/m"]);
    place.write("reports/m/run.json", &run);
    fs::rename(place.path("reports/m"), place.path("kept")).unwrap();
    refused(&["reports/m"]);
    fs::create_dir_all(place.path(".yekuo-building")).unwrap();
    fs::rename(place.path("kept"), place.path(".yekuo-building/m")).unwrap();
    office.send("--lang en .yekuo-building/m --really").fails(2, &["it is not published yet"]);
    assert_eq!((office.robots.connections(), office.mail.connections()), (0, 0));
}

#[test]
fn what_could_go_to_the_wrong_place_is_not_begun() {
    let office = Office::with_report(every_group(), every_mailbox());
    let place = &office.place;
    let port = office.robots.port();
    let same = format!("http://127.0.0.1:{port}/east?access_token={}", TOKENS[2]);
    for (name, value, said) in [
        ("HOOK_EAST", "", "the environment does not have HOOK_EAST (the webhook of the WeCom robot `城东`)"),
        ("SIGN_MARKET", "", "the environment does not have SIGN_MARKET"),
        (
            "HOOK_EAST",
            "http://qyapi.example.com/?key=tok-en-of-east-9",
            "HOOK_EAST does not hold the webhook of a robot",
        ),
        ("HOOK_EAST", "tok-en-of-east-9", "HOOK_EAST does not hold the webhook of a robot"),
        ("HOOK_MARKET", &same, "are the same group"),
    ] {
        office.send_with("reports/m --really --lang en", &[(name, value)]).fails(2, &[said]);
    }
    let good = settings(office.mail.port());
    for (from, to, said) in [
        ("robot = \"城东\"", "robot = \"公示\"", "the robot `公示` is used twice"),
        ("robot = \"城东\"", "robot = \"城西\"", "there is no robot `城西`"),
        ("env:HOOK_EAST", "https://qyapi.example.com/?key=tok-en-of-east-9", "a secret does not stand in a file"),
        ("security = \"none\"", "security = \"ssl\"", "ssl"),
    ] {
        place.write("pipelines/send.toml", good.replace(from, to));
        for command in ["send reports/m", "send reports/m --really", "check pipelines/monthly.toml"] {
            let outcome = place.yekuo(&format!("{command} --lang en")).ends(2);
            holds(&outcome.err, &[said, "pipelines/send.toml"]);
            assert_tells_no_secret(&outcome.err);
        }
    }
    assert_eq!((office.robots.connections(), office.mail.connections()), (0, 0));
    // A recipient who is not there is named with the one that is near.
    place.write("pipelines/send.toml", good.replace("department = \"营销部\"", "department = \"营消部\""));
    holds(&office.send("reports/m --lang en").ends(0).out, &["营消部: there is no hand-out; did you mean `营销部`?"]);
    // Without any such file nobody gets anything, and it is said what to write.
    place.remove("pipelines/send.toml");
    let outcome = office.send("reports/m --really --lang en").ends(0);
    assert_eq!(outcome.out, "0 sent, 0 failed, 0 sent before\n");
    holds(&outcome.err, &["write in pipelines/send.toml"]);
}

/// A server that encrypts, which goes with the test.
struct Encrypted(Child, u16);

impl Encrypted {
    fn start(place: &Place, certificate: &str, behind: u16, more: &[&str]) -> Encrypted {
        let mut command = python();
        command.arg(project().join("tests/oracle/encrypted.py"));
        command.args([place.path(&format!("{certificate}.pem")), place.path(&format!("{certificate}.key"))]);
        command.arg(behind.to_string()).args(more).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
        Encrypted(child, line.trim().parse().unwrap())
    }
}

impl Drop for Encrypted {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An authority and certificates of this machine: one that is good, one for another name. Nothing where OpenSSL is not there.
fn certificates(place: &Place) -> Option<()> {
    let openssl = |arguments: &[&str]| {
        let arguments =
            arguments.iter().map(|own| if own.contains('.') { place.path(own).into_os_string() } else { own.into() });
        std::process::Command::new("openssl").args(arguments).output().ok().filter(|output| output.status.success())
    };
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=test",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
    ])?;
    for (name, names) in
        [("good", "subjectAltName=IP:127.0.0.1,DNS:localhost"), ("other", "subjectAltName=DNS:elsewhere")]
    {
        let (key, request, certificate) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let extension = format!("{name}.ext");
        place.write(&extension, names);
        openssl(&[
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=leaf",
            "-keyout",
            &key,
            "-out",
            &request,
        ])?;
        openssl(&[
            "x509",
            "-req",
            "-days",
            "2",
            "-in",
            &request,
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-extfile",
            &extension,
            "-out",
            &certificate,
        ])?;
    }
    Some(())
}

#[test]
fn servers_are_reached_encrypted_and_only_those_that_are_trusted() {
    let office = Office::with_report(every_group(), every_mailbox());
    let place = &office.place;
    if certificates(place).is_none() {
        return;
    }
    let trusted = place.path("ca.pem").display().to_string();
    let https = |certificate: &str| Encrypted::start(place, certificate, office.robots.port(), &[]);
    let hook =
        |server: &Encrypted, robot: &str| format!("https://127.0.0.1:{}/{robot}?access_token={}", server.1, TOKENS[1]);
    let (good, other) = (https("good"), https("other"));
    for (round, security, more) in [(1, "tls", &[][..]), (2, "starttls", &["starttls"][..])] {
        let [mail, stranger] = ["good", "other"].map(|name| Encrypted::start(place, name, office.mail.port(), more));
        let write = |port: u16| {
            place.write(
                "pipelines/send.toml",
                settings(port).replace("security = \"none\"", &format!("security = \"{security}\"")),
            );
        };
        // A certificate of another name, and one of an authority that nobody trusts.
        for (server, robot, authority) in [(&stranger, &other, trusted.as_str()), (&mail, &good, "/dev/null")] {
            write(server.1);
            let (market, east) = (hook(robot, "market"), hook(robot, "east"));
            let env = [("SSL_CERT_FILE", authority), ("HOOK_MARKET", market.as_str()), ("HOOK_EAST", east.as_str())];
            let outcome = office.send_with("reports/m --really --again --lang en", &env).ends(1);
            holds(&outcome.out, &["0 sent, 6 failed"]);
        }
        write(mail.1);
        let (market, east) = (hook(&good, "market"), hook(&good, "east"));
        let env = [("SSL_CERT_FILE", trusted.as_str()), ("HOOK_MARKET", market.as_str()), ("HOOK_EAST", east.as_str())];
        office.send_with("reports/m --really --again --lang en", &env).ends(0);
        assert_eq!((office.letters().len(), office.robots.told().len()), (4 * round, 2 * round), "{security}");
    }
}
