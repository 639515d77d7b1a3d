//! How large a mart's SQL may be: what reads it goes as deep as its longest chain of operators, and what runs it as wide as
//! its selects.

use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::words::Words;

/// The longest of ours has 1,500.
const MOST_TOKENS: usize = 20_000;
/// Operators one after another, without a comma or a clause between them.
const MOST_CHAINED: usize = 200;
/// Selects in one statement: CTEs, subqueries and the parts of unions.
const MOST_SELECTS: usize = 100;

/// Selects that are run where each CTE is worked out wherever it is named.
pub(super) const MOST_EXPANDED: u64 = 1_000;

/// That CTEs name one another too often.
pub(super) fn expanded(selects: u64) -> Words {
    let most = MOST_EXPANDED;
    Words::new(
        format!("CTE 互相引用过多：展开后有 {selects} 个 select，最多 {most}"),
        format!("CTEs name one another too often: {selects} selects when each is put in its place, at most {most}"),
    )
}

/// What is too much about a statement, if anything; what cannot be read at all is for the parser to say.
pub(super) fn broken(sql: &str) -> Option<Words> {
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize().ok()?;
    let tokens: Vec<&Token> = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    let is = |token: &Token, keyword: Keyword| matches!(token, Token::Word(word) if word.keyword == keyword);
    let selects = tokens.iter().filter(|token| is(token, Keyword::SELECT)).count();
    let (mut chains, mut longest) = (vec![0], 0);
    for token in &tokens {
        let last = chains.len() - 1;
        match token {
            Token::LParen => chains.push(0),
            Token::RParen if last > 0 => drop(chains.pop()),
            Token::Comma | Token::SemiColon => chains[last] = 0,
            token if BETWEEN.iter().any(|keyword| is(token, *keyword)) => chains[last] = 0,
            Token::Word(word) if !OPERATORS.contains(&word.keyword) => {}
            Token::Number(..) | Token::SingleQuotedString(_) | Token::RParen | Token::Period => {}
            _ => chains[last] += 1,
        }
        longest = longest.max(chains.last().copied().unwrap_or_default());
    }
    let of = |found: usize, most: usize, zh: &str, en: &str| {
        (found > most)
            .then(|| Words::new(format!("{zh}太多：{found}，最多 {most}"), format!("{found} {en}, at most {most}")))
    };
    of(tokens.len(), MOST_TOKENS, "记号", "tokens")
        .or_else(|| of(longest, MOST_CHAINED, "连续的运算符", "operators in a row"))
        .or_else(|| of(selects, MOST_SELECTS, "select ", "selects"))
}

/// What begins something new.
const BETWEEN: [Keyword; 12] = [
    Keyword::SELECT,
    Keyword::FROM,
    Keyword::WHERE,
    Keyword::GROUP,
    Keyword::HAVING,
    Keyword::ON,
    Keyword::WHEN,
    Keyword::THEN,
    Keyword::ELSE,
    Keyword::CASE,
    Keyword::WITH,
    Keyword::UNION,
];

/// Words between two operands, or before one.
const OPERATORS: [Keyword; 5] = [Keyword::AND, Keyword::OR, Keyword::NOT, Keyword::BETWEEN, Keyword::IS];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_deep_or_too_wide_is_refused_before_it_is_parsed() {
        let chain = |operator: &str, times: usize| format!("select {}", vec!["a"; times + 1].join(operator));
        for operator in [" + ", " or ", " = ", " || ", " - - "] {
            assert!(broken(&chain(operator, 60)).is_none(), "{operator}");
            assert!(broken(&chain(operator, 100_000)).is_some(), "{operator}");
        }
        let union = |times: usize| vec!["select a from b"; times].join(" union all ");
        assert!(broken(&union(90)).is_none());
        assert!(broken(&union(500)).is_some());
        let ctes: Vec<String> = (0..5_000).map(|number| format!("c{number} as (select 1)")).collect();
        assert!(broken(&format!("with {} select 1", ctes.join(", "))).is_some());
        assert!(broken(&format!("select {}", "(".repeat(30_000))).is_some());
    }
}
