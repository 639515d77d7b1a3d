//! What is refused, and what a select gives.

use super::*;
use crate::tests::fuzz::fuzz;

/// Any text is refused with places that it has, or passes and is what it says: written anew by the parser, it passes
/// again and selects the same.
fn sql_gate(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let selected = match check("any.sql", &text, &["cycle"]) {
        Ok(selected) => selected,
        Err(mistakes) => {
            let said = mistakes.iter().map(|mistake| mistake.checked().expect("a place in the file").0.en.clone());
            return said.take(4).collect();
        }
    };
    assert!(selected.tables.iter().all(|table| table == "cycle" || TABLES.contains(&table.as_str())));
    assert!(text.get(selected.body.clone()).is_some());
    let anew = Parser::parse_sql(&GenericDialect {}, &text).unwrap()[0].to_string();
    if anew.contains("--") {
        // The parser writes two signs without a blank between them, which begin a comment.
        return "signs".to_owned();
    }
    let again = check("anew.sql", &anew, &["cycle"]).unwrap_or_else(|mistakes| panic!("{anew}: {mistakes:?}"));
    assert_eq!((&again.columns, &again.tables, &again.ctes), (&selected.columns, &selected.tables, &selected.ctes));
    format!("{:?} {}", selected.tables, selected.ctes.len())
}

#[test]
fn fuzz_sql_gate() {
    fuzz("sql_gate", sql_gate);
}

#[test]
fn what_is_not_portable_is_refused_at_its_line() {
    for (sql, word) in [
        ("select *\nfrom stages", "select *"),
        ("select stage as s\nfrom read_csv('x')", "no table"),
        ("select stage as s from secrets", "there is no table"),
        ("select stage as s from (select stage from stages) t", "only named tables"),
        ("select round(net_wd) as r from stages", "`round` is not portable"),
        ("select count(*) filter (where true) as r from stages", "filter"),
        ("select a.stage as s from stages a join stages b on a.net_wd > b.net_wd", "equal columns"),
        ("select a.stage as s from stages a cross join stages b", "only inner, left and full"),
        ("select a.stage as s from stages a, stages b", "joined with `join`"),
        ("select stage as s from stages where net_wd > (select 1)", "subquery"),
        ("select stage as s from stages where stage in (select stage from stages)", "subquery"),
        ("drop table stages", "one select"),
        ("select stage as s from stages; select 1", "one select"),
        ("select stage as s frm stages", "Expected"),
        ("select count(*) from stages", "needs a name"),
        ("select dense_rank() over (order by net_wd desc) as r from stages", "desc"),
        ("select dense_rank() over (partition by stage) as r from stages", "needs an order"),
        // Answered differently, or not at all, by one of the engines.
        ("select 7 / 2 as r from stages", "divide differently"),
        ("select cast(net_wd as double) / 2 as r from stages", "divide differently"),
        ("select avg(net_wd) as r from stages", "`avg` is not portable"),
        ("select quantile_cont(net_wd, 0.8) as r from stages", "`quantile_cont` is not portable"),
        ("select stage from stages\norder by stage", "`order by` is not portable"),
        ("with a as (select stage from stages order by stage) select stage from a", "`order by` is not portable"),
        ("select stage from stages limit 1", "`limit` is not portable"),
        ("select stage from stages fetch first 1 rows only", "`fetch` is not portable"),
        ("select distinct stage from stages", "`select distinct`"),
        ("select net_wd % 7 as r from stages", "`%` is not portable"),
        ("select stage from stages where stage ilike 'S%'", "`ilike`"),
        ("select cast(net_wd as int) as r from stages", "the type `int`"),
        ("select cast(kva as bigint) as r from stages", "rounds differently"),
        ("select cast(kva + 4503599627370496.0 as bigint) as r from stages", "rounds differently"),
        ("select lag(stage) over (order by pass) as s from stages", "`lag` is not portable"),
        ("select net_wd::bigint as r from stages", "not portable"),
        ("select try_cast(net_wd as bigint) as r from stages", "not portable"),
        ("select stage, sum(sum(net_wd)) over () as r from stages group by stage", "over groups"),
        ("select stage, sum(max(net_wd)) as r from stages group by stage", "within another"),
        ("select stage, sum(net_wd) over (order by pass) as r from stages", "running sum"),
        (
            "select stage, sum(net_wd) over (order by pass rows between unbounded preceding and current row) as r \
             from stages",
            "a frame in over",
        ),
        ("select stage, rank() over w as r from stages window w as (order by pass)", "window"),
        ("select stage, count(*) as n from stages group by stage having count(*) > 1", "`having`"),
        ("select stage, rank() over (order by pass) as r from stages qualify r = 1", "`qualify`"),
        ("select stage, count(*) as n from stages group by rollup (stage)", "groups are columns"),
        ("select stage, count(*) as n from stages group by all", "group by all"),
        ("select stage from stages union select stage from stages", "union all"),
        ("with recursive a as (select stage from stages) select stage from a", "recursion"),
        ("with stages as (select stage from claims) select stage from stages", "already"),
        ("select \"stage\" from stages", "portable name"),
        ("select extract(year from month) as y from stages", "date arithmetic"),
        ("select stage || 'x' as s from stages", "`||` is not portable"),
        ("select stage is distinct from 'x' as s from stages", "not portable"),
        ("select case stage when 'x' then 1 end as s from stages", "not portable"),
        ("select array[1] as s from stages", "not portable"),
    ] {
        let mistakes = check("x.sql", sql, &[]).expect_err(sql);
        assert!(mistakes.iter().any(|mistake| mistake.to_string().contains(word)), "{sql}: {mistakes:?}");
    }
}

#[test]
fn joins_on_constants_pair_no_cases_with_cases() {
    let cases = "c as (select 1 as k, stage, pass from stages)";
    let few = "f as (select 1 as k, department from stages group by department), \
               m as (select cast(1 as bigint) as k, month from month_days)";
    let one = "o as (select 1 as k, count(*) as n from stages)";
    let passes = [
        format!("with {cases} select c.stage as s from c inner join params on c.k = params.k"),
        format!("with {cases}, {one} select c.stage as s from c inner join o on c.k = o.k"),
        format!("with {cases} select a.stage as s from c as a inner join c as b on a.stage = b.stage and a.k = b.k"),
        format!("with {few} select f.department as d, m.month as m from f inner join m on (f.k = m.k)"),
        format!("with {few} select a.month as m from m as a inner join m as b on a.k = b.k inner join f on a.k = f.k"),
    ];
    for sql in passes {
        check("x.sql", &sql, &[]).unwrap_or_else(|mistakes| panic!("{sql}: {mistakes:?}"));
    }
    let refused = [
        format!("with {cases} select a.stage as s from c as a inner join c as b on a.k = b.k"),
        format!("with {cases} select a.stage as s from c as a inner join c as b on a.k = b.pass"),
        format!("with {cases}, {few} select c.stage as s from c left join f on c.k = f.k"),
        // What a constant is made of, or called anew.
        format!(
            "with {cases}, d as (select -(k + 1) as l, stage from c) select a.stage as s from d as a join d as b on a.l = b.l"
        ),
        format!(
            "with {cases}, d as (select k, stage from c union all select 2 as k, stage from c) select a.stage as s from d as a inner join c as b on a.k = b.k"
        ),
        // Few, doubled until they are many.
        format!(
            "with {few}, g as (select a.k as k, a.month as month from m as a inner join m as b on a.k = b.k), \
             h as (select a.k as k, a.month as month from g as a inner join g as b on a.k = b.k) select month from h"
        ),
    ];
    for sql in refused {
        let mistakes = check("x.sql", &sql, &[]).expect_err(&sql);
        assert!(mistakes.iter().any(|mistake| mistake.to_string().contains("every row with every row")), "{sql}");
    }
}

#[test]
fn a_select_names_its_columns_and_ctes() {
    let sql = "-- é\nwith a as (\n    select stage from stages\n)\n\n-- All.\nselect stage, pass as n from a";
    let selected = check("x.sql", sql, &[]).unwrap();
    assert_eq!(selected.columns, ["stage", "n"]);
    assert_eq!(selected.cte("a").unwrap(), ["stage"]);
    assert_eq!(&sql[..selected.body.start].lines().last(), &Some(")"));
    assert!(sql[selected.body.end..].starts_with("select stage, pass"));
}
