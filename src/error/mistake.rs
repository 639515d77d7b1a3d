//! A mistake in a configuration file: its place, what is wrong and what to do, in both languages.

use std::fmt;
use std::io::{self, IsTerminal};
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, GraphicalReportHandler, LabeledSpan, NamedSource, SourceCode};

use crate::words::{Lang, Words};

/// One mistake in a configuration file, with its place.
#[derive(Debug)]
pub struct Mistake {
    message: Words,
    source: Arc<NamedSource<String>>,
    span: Option<Range<usize>>,
    help: Option<Box<Words>>,
}

impl Mistake {
    /// A mistake in `file`, whose whole text is `text`, at the bytes `span`.
    pub fn new(file: &str, text: &str, span: Option<Range<usize>>, message: Words) -> Mistake {
        // The file is shown with the span: what concerns a whole file must name it itself.
        let message = match span {
            None if !file.is_empty() => {
                Words::new(format!("{file}：{}", message.zh), format!("{file}: {}", message.en))
            }
            _ => message,
        };
        Mistake { message, source: Arc::new(NamedSource::new(file, text.to_owned())), span, help: None }
    }

    /// The same mistake, with what to do about it.
    pub fn help(mut self, help: Words) -> Mistake {
        self.help = Some(Box::new(help));
        self
    }

    /// The same mistake, which does not show some texts of the file.
    pub(crate) fn hiding(mut self, secrets: &[String]) -> Mistake {
        let stars = |secret: &String| "*".repeat(secret.len());
        let hidden = |text: &str| secrets.iter().fold(text.to_owned(), |text, own| text.replace(own, &stars(own)));
        self.message = Words::new(hidden(&self.message.zh), hidden(&self.message.en));
        let (name, text) = (self.source.name(), hidden(self.source.inner()));
        self.source = Arc::new(NamedSource::new(name, text));
        self
    }

    /// What it says in both languages, and what of the file it shows; `None`: it shows a place that the file does not have.
    #[cfg(test)]
    pub(crate) fn checked(&self) -> Option<(&Words, &str)> {
        let text = self.source.inner();
        Some((&self.message, self.span.clone().map_or(Some(""), |span| text.get(span))?))
    }

    /// The same mistake, with the name that was meant, where one is near.
    pub fn did_you_mean(self, near: Option<&str>) -> Mistake {
        match near {
            Some(near) => self.help(Words::new(format!("是否指「{near}」？"), format!("did you mean `{near}`?"))),
            None => self,
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message.en)
    }
}

/// The mistakes with their lines, one after another.
pub(super) fn shown(mistakes: &[Mistake], lang: Lang) -> String {
    let handler = GraphicalReportHandler::new_themed(theme()).with_width(100);
    let mut text = String::new();
    for mistake in mistakes {
        // The renderer calls help `help`; a footer is called what we call it.
        let handler = match (&mistake.help, lang) {
            (Some(help), Lang::Zh) => handler.clone().with_footer(format!("提示：{}", help.zh)),
            _ => handler.clone(),
        };
        if handler.render_report(&mut text, &Shown { mistake, lang }).is_err() {
            text.push_str(mistake.message.get(lang));
        }
    }
    text.trim_end().to_owned()
}

fn theme() -> miette::GraphicalTheme {
    match (io::stderr().is_terminal(), std::env::var_os("NO_COLOR")) {
        (true, None) => miette::GraphicalTheme::unicode(),
        _ => miette::GraphicalTheme::unicode_nocolor(),
    }
}

/// A mistake as one language reads it.
#[derive(Debug)]
struct Shown<'a> {
    mistake: &'a Mistake,
    lang: Lang,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.mistake.message.get(self.lang))
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.mistake.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = self.lang.pick("此处", "here").to_owned();
        let span = self.mistake.span.clone()?;
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(Some(label), span))))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.mistake.help.as_ref().filter(|_| self.lang == Lang::En)?;
        Some(Box::new(&help.en))
    }
}
