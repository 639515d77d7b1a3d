//! How a figure comes about, in signs: ` = 4 ÷ 123`.

use crate::marts::Measure;
use crate::measures::formula::Name;
use crate::words::Lang;

/// How a figure comes about; `of` gives the figures of its row, `about` what its column says of it, `param` the parameters of the run.
pub(super) fn arithmetic(
    measure: &Measure,
    about: &str,
    of: impl Fn(&str) -> String,
    param: impl Fn(&str) -> String,
    lang: Lang,
) -> String {
    let plain = |zh: &str, en: &str| lang.pick(format!("（{zh}）"), format!(" ({en})"));
    match measure {
        Measure::Rate([part, whole]) => format!(" = {} ÷ {}", of(part), of(whole)),
        Measure::Mean(_) => plain("下列各值的平均", "the mean of"),
        Measure::WeightedMean(..) => plain("下列各值的加权平均", "the weighted mean of"),
        Measure::Expected(..) => plain("下列各例应有的比例之和", "the sum of the shares expected of each of"),
        Measure::Percentile(_, percent) => plain(
            &format!("下列各值的 {percent} % 分位，线性插值"),
            &format!("percentile {percent} of, by linear interpolation"),
        ),
        Measure::Distinct(_) => plain("下列各值中不同的个数", "how many different ones of"),
        Measure::Most(_) => plain("下列各值中最大的", "the greatest of"),
        Measure::First(_) => plain("下列各值中最小或最早的", "the least or first of"),
        Measure::TopShare(_) => plain("最多者所占份额", "the share of the most frequent"),
        Measure::Concentration(_) => plain("各份额平方之和", "the sum of the squared shares"),
        Measure::Above(_, figure) => {
            let limit = of(figure);
            plain(&format!("下列各值中大于 {limit} 的个数"), &format!("how many above {limit} of"))
        }
        Measure::WilsonLow([part, whole]) | Measure::WilsonHigh([part, whole]) => {
            let (part, whole) = (of(part), of(whole));
            plain(
                &format!("{part} ÷ {whole} 的 95 % Wilson 区间"),
                &format!("95 % Wilson interval of {part} ÷ {whole}"),
            )
        }
        Measure::BinomialTail([part, whole, rate]) => {
            let (part, whole, rate) = (of(part), of(whole), of(rate));
            plain(
                &format!("若每项的概率都是 {rate}，{whole} 项中有 {part} 项或更偏的概率，取较小的一侧"),
                &format!("how likely {part} of {whole} or further on its side is, were the chance of each {rate}"),
            )
        }
        Measure::Total(figure) => plain(&format!("各行 {figure} 之和"), &format!("the sum of {figure} over the rows")),
        Measure::Share(figure) => {
            let value = of(figure);
            plain(&format!("{value} ÷ 各行 {figure} 之和"), &format!("{value} ÷ the sum of {figure} over the rows"))
        }
        Measure::Rank(by) => {
            let value = of(&by.figure);
            plain(&format!("按 {} = {value}；{}", by.figure, about), &format!("by {} = {value}; {}", by.figure, about))
        }
        Measure::Previous(figure) => plain(&format!("上月的 {figure}"), &format!("{figure} of the month before")),
        Measure::Streak(figure) => plain(&format!("{figure} 连续为是的行数"), &format!("rows in a row with {figure}")),
        Measure::Formula(formula) => {
            let value = |name: Name<'_>| match name {
                Name::Figure(figure) => of(figure),
                Name::Param(name) => param(name),
            };
            let name = |name: Name<'_>| match name {
                Name::Figure(figure) | Name::Param(figure) => figure.to_owned(),
            };
            format!(" = {} = {}", formula.shown(&name), formula.shown(&value))
        }
        Measure::Count(_) | Measure::Given(_) | Measure::Sum(_) => String::new(),
    }
}
