//! Which applications a report is about: those of some bureaus, or of the units that bureaus belong to, a mode, voltage classes, classes of customers or sorts of
//! business. A pipeline says it in `only`, a command with `--only`. There is no condition on when an application ended: what
//! is left would have been open for longer than its like, and every time to energisation would be too long.

use serde::{Deserialize, Serialize};

use super::strata::VoltageClass;
use super::vocabulary::{Business, CustomerClass, Mode};
use crate::spelling::identity;
use crate::words::{Lang, Term, Words};

/// Which applications a report is about; what is empty asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Only {
    /// Those of these bureaus.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bureau: Vec<String>,
    /// Those of the bureaus of these units (units.toml).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unit: Vec<String>,
    /// The bureaus of these units, folded: `Units` writes them here.
    #[serde(skip_deserializing, skip_serializing_if = "Vec::is_empty")]
    #[schemars(skip)]
    pub of_units: Vec<String>,
    /// Those served in this mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Those of these classes of voltages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub voltage_class: Vec<VoltageClass>,
    /// Those of customers of these classes, as the exports have them or by code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub customer_class: Vec<String>,
    /// Those of these sorts of business, as the exports have them or by code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub business: Vec<String>,
    /// Key projects, or all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_project: Option<bool>,
}

/// What of an application [`Only`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// How it is served.
    pub mode: Mode,
    /// Its voltage, kV.
    pub voltage_kv: f64,
    /// The class of its customer.
    pub customer_class: Option<&'a str>,
    /// The sort of its business.
    pub business: Option<&'a str>,
    /// Whether it is a key project.
    pub is_key_project: bool,
}

/// What [`Only`] can ask for: the key, and what users call it.
const KEYS: [(&str, &str, &str); 7] = [
    ("bureau", "供电单位", "bureau"),
    ("unit", "单位", "unit"),
    ("mode", "服务方式", "mode"),
    ("voltage_class", "电压分档", "voltage class"),
    ("customer_class", "客户类别", "customer class"),
    ("business", "业务类型", "business"),
    ("key_project", "重点项目", "key project"),
];

impl Only {
    /// Whether it asks for nothing: the report is about all of them.
    pub fn is_everything(&self) -> bool {
        *self == Only::default()
    }

    /// Whether it asks for what only an application can tell: more than bureaus.
    pub fn asks_of_applications(&self) -> bool {
        !self.of_all_bureaus().is_everything()
    }

    /// The same of all bureaus.
    pub fn of_all_bureaus(&self) -> Only {
        Only { bureau: Vec::new(), unit: Vec::new(), of_units: Vec::new(), ..self.clone() }
    }

    /// The bureaus that it asks for; `None`: all of them. Of bureaus and units, those that are in both.
    pub fn bureaus(&self) -> Option<Vec<&str>> {
        let of_units = |bureau: &&str| self.of_units.contains(&identity(bureau));
        match (self.bureau.as_slice(), self.unit.as_slice()) {
            ([], []) => None,
            ([], _) => Some(self.of_units.iter().map(String::as_str).collect()),
            (bureaus, []) => Some(bureaus.iter().map(String::as_str).collect()),
            (bureaus, _) => Some(bureaus.iter().map(String::as_str).filter(of_units).collect()),
        }
    }

    /// Asks for what a condition `KEY=VALUE` says too, `VALUE` being one value or several between commas.
    pub fn ask(&mut self, key: &str, value: &str) -> Result<(), Words> {
        let values = || value.split([',', '，', '、']).map(|part| part.trim().to_owned()).collect::<Vec<_>>();
        let known = KEYS.iter().find(|(code, zh, _)| *code == key || *zh == key);
        match known.map(|(code, ..)| *code) {
            Some("bureau") => self.bureau.extend(values()),
            Some("unit") => self.unit.extend(values()),
            Some("mode") => self.mode = either(self.mode, mode(value)?),
            Some("voltage_class") => {
                let classes =
                    values().iter().map(|text| one_of(text, VoltageClass::TERMS)).collect::<Result<Vec<_>, _>>()?;
                self.voltage_class.extend(classes.into_iter().filter_map(VoltageClass::of_code));
            }
            Some("customer_class") => self.customer_class.extend(values()),
            Some("business") => self.business.extend(values()),
            Some("key_project") => self.key_project = either(self.key_project, Some(yes_or_no(value)?)),
            _ => {
                let keys = |lang: Lang| KEYS.map(|(code, zh, _)| lang.pick(zh, code)).join(lang.pick("、", ", "));
                return Err(Words::new(
                    format!("没有条件「{key}」，可用：{}", keys(Lang::Zh)),
                    format!("there is no condition `{key}`; there are {}", keys(Lang::En)),
                ));
            }
        }
        Ok(())
    }

    /// Whether it asks for applications like this one; its bureau is not looked at.
    pub fn fits(&self, subject: &Subject<'_>) -> bool {
        let among = |wanted: &[String], terms: &[Term], text: Option<&str>| {
            wanted.is_empty()
                || text.is_some_and(|text| {
                    wanted.iter().any(|wanted| {
                        code_of(wanted, terms).map_or_else(|| identity(wanted) == identity(text), |code| code == text)
                    })
                })
        };
        self.mode.is_none_or(|mode| mode == subject.mode)
            && (self.voltage_class.is_empty() || self.voltage_class.contains(&VoltageClass::of(subject.voltage_kv)))
            && among(&self.customer_class, CustomerClass::TERMS, subject.customer_class)
            && among(&self.business, Business::TERMS, subject.business)
            && self.key_project.is_none_or(|key| key == subject.is_key_project)
    }

    /// Takes what another asks for before what this one does, key by key.
    pub fn replaced_by(self, other: &Only) -> Only {
        let first = |other: &[String], own: Vec<String>| if other.is_empty() { own } else { other.to_vec() };
        Only {
            bureau: first(&other.bureau, self.bureau),
            unit: first(&other.unit, self.unit),
            of_units: Vec::new(),
            mode: other.mode.or(self.mode),
            voltage_class: if other.voltage_class.is_empty() {
                self.voltage_class
            } else {
                other.voltage_class.clone()
            },
            customer_class: first(&other.customer_class, self.customer_class),
            business: first(&other.business, self.business),
            key_project: other.key_project.or(self.key_project),
        }
    }

    /// What it asks for, key by key: the key's place in [`KEYS`], and the values in words.
    fn asked(&self, lang: Lang) -> Vec<(usize, String)> {
        let and = lang.pick("、", ", ");
        let classes = self.voltage_class.iter().map(|class| class.title(lang)).collect::<Vec<_>>().join(and);
        let yes_or_no = |key: bool| if key { lang.pick("是", "yes") } else { lang.pick("否", "no") };
        let asked = [
            self.bureau.join(and),
            self.unit.join(and),
            self.mode.map(|mode| mode.title(lang).to_owned()).unwrap_or_default(),
            classes,
            self.customer_class.join(and),
            self.business.join(and),
            self.key_project.map(|key| yes_or_no(key).to_owned()).unwrap_or_default(),
        ];
        asked.into_iter().enumerate().filter(|(_, values)| !values.is_empty()).collect()
    }

    /// What it asks for, in words: `供电单位 城东；服务方式 订单式`.
    pub fn say(&self, lang: Lang) -> String {
        let part = |(at, values): (usize, String)| {
            let (_, zh, en) = KEYS[at];
            format!("{} {values}", lang.pick(zh, en))
        };
        self.asked(lang).into_iter().map(part).collect::<Vec<_>>().join(lang.pick("；", "; "))
    }

    /// What the name of a report about them ends in: the values, without what file systems do not like.
    pub fn suffix(&self) -> String {
        let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
        let part = |(at, values): (usize, String)| {
            let key = if KEYS[at].0 == "key_project" { "key-" } else { "" };
            format!("-{key}{}", values.chars().map(plain).take(40).collect::<String>())
        };
        self.asked(Lang::Zh).into_iter().map(part).collect()
    }
}

/// The code that a text is, or is what users call.
fn code_of(text: &str, terms: &[Term]) -> Option<&'static str> {
    let text = identity(text);
    let is = |term: &&Term| [term.code, term.zh, term.en].iter().any(|name| identity(name) == text);
    terms.iter().find(is).map(|term| term.code)
}

/// The code of a text that must be one of a few.
fn one_of(text: &str, terms: &[Term]) -> Result<&'static str, Words> {
    code_of(text, terms).ok_or_else(|| {
        let all = |lang: Lang| {
            let names = terms.iter().map(|term| format!("{}（{}）", term.code, term.zh));
            let codes = terms.iter().map(|term| term.code.to_owned());
            lang.pick(names.collect::<Vec<_>>().join("、"), codes.collect::<Vec<_>>().join(", "))
        };
        Words::new(
            format!("「{text}」不是可用的值，可用：{}", all(Lang::Zh)),
            format!("`{text}` is none of {}", all(Lang::En)),
        )
    })
}

fn mode(text: &str) -> Result<Option<Mode>, Words> {
    one_of(text, Mode::TERMS).map(Mode::of_code)
}

fn yes_or_no(text: &str) -> Result<bool, Words> {
    match text {
        "yes" | "true" | "是" => Ok(true),
        "no" | "false" | "否" => Ok(false),
        _ => Err(Words::new(format!("「{text}」应为 是 或 否"), format!("`{text}` is neither yes nor no"))),
    }
}

/// One of two values: both together ask for nothing.
fn either<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<T> {
    match one {
        Some(one) if other.as_ref() != Some(&one) => None,
        _ => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(conditions: &[(&str, &str)]) -> Only {
        let mut only = Only::default();
        for (key, value) in conditions {
            only.ask(key, value).unwrap();
        }
        only
    }

    #[test]
    fn conditions_are_read_in_both_languages() {
        let only = asked(&[("供电单位", "城东，城西"), ("服务方式", "订单式"), ("voltage_class", "1_35_kv")]);
        assert_eq!(only.bureau, ["城东", "城西"]);
        assert_eq!(only.mode, Some(Mode::Order));
        assert_eq!(only.say(Lang::Zh), "供电单位 城东、城西；服务方式 订单式；电压分档 1–<35 kV");
        assert_eq!(only.say(Lang::En), "bureau 城东, 城西; mode order-style; voltage class 1–<35 kV");
        assert_eq!(only.suffix(), "-城东-城西-订单式-1--35-kV");
        assert!(!only.is_everything() && only.asks_of_applications());
        assert!(!asked(&[("bureau", "城东"), ("unit", "城区")]).asks_of_applications());
    }

    #[test]
    fn of_bureaus_and_units_those_in_both_are_asked_for() {
        assert_eq!(Only::default().bureaus(), None);
        let mut only = asked(&[("unit", "城区"), ("mode", "order")]);
        only.of_units = vec!["城东(一)".to_owned(), "城西".to_owned()];
        assert_eq!(only.bureaus().unwrap(), ["城东(一)", "城西"]);
        assert_eq!(
            (only.suffix().as_str(), only.say(Lang::En).as_str()),
            ("-城区-订单式", "unit 城区; mode order-style")
        );
        only.bureau = vec!["城东（一）".to_owned(), "北山".to_owned()];
        assert_eq!(only.bureaus().unwrap(), ["城东（一）"]);
        assert_eq!(only.of_all_bureaus(), asked(&[("mode", "order")]));
    }

    #[test]
    fn conditions_on_one_key_add_up() {
        assert_eq!(asked(&[("bureau", "城东"), ("bureau", "城西")]), asked(&[("bureau", "城东、城西")]));
        assert!(asked(&[("mode", "order"), ("mode", "conventional")]).is_everything());
        assert_eq!(asked(&[("mode", "order"), ("mode", "订单式")]), asked(&[("mode", "order")]));
    }

    #[test]
    fn what_cannot_be_asked_for_is_named_with_what_can() {
        let refused = |key: &str, value: &str| Only::default().ask(key, value).unwrap_err();
        assert!(refused("department", "营销部").en.contains("there are bureau, unit, mode, voltage_class"));
        assert!(refused("mode", "fast").zh.contains("order（订单式）"));
        assert!(refused("months", "6").en.contains("no condition `months`"));
        assert!(refused("key_project", "maybe").zh.contains("是 或 否"));
    }

    #[test]
    fn the_command_asks_before_the_file() {
        let file = asked(&[("bureau", "城东"), ("mode", "order")]);
        let only = file.replaced_by(&asked(&[("bureau", "城西"), ("key_project", "是")]));
        assert_eq!(only, asked(&[("bureau", "城西"), ("mode", "order"), ("key_project", "yes")]));
    }
}
