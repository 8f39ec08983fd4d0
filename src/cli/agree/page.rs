//! Agreement as one page that needs no other file.

use super::answer::notes;
use super::plot::{Dot, bar, dots};
use super::{Answer, base_name, group_name};
use crate::study::agreement::{Pair, Part};
use crate::study::figures::{from_to, three};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = "
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #f4f4f2; margin: 0 auto; max-width: 1000px; padding: 32px }
h1 { font-size: 28px; margin: 0 0 4px } h2 { font-size: 18px; margin: 40px 0 8px } h3 { font-size: 15px; margin: 0 0 8px }
p { max-width: 46em } .quiet, figcaption { color: #5f5f5e } .quiet { font-size: 14px }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
td, th { text-align: right; padding: 4px 0 4px 24px; border-bottom: 1px solid #d6d6d4; white-space: nowrap }
td:first-child, th:first-child { text-align: left; padding-left: 0; white-space: normal } th { font-weight: 600; vertical-align: bottom }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 16px; margin: 24px 0 16px }
.note { max-width: none; background: #fdf3e1; border-left: 4px solid #c4580a; padding: 10px 16px; margin: 8px 0 }
.card { background: #fff; border: 1px solid #dcdcda; border-radius: 8px; padding: 16px 20px }
.big { font-size: 36px; font-weight: 600; line-height: 1.2 }
.panel { background: #fff; border: 1px solid #dcdcda; border-radius: 8px; padding: 16px 12px; overflow-x: auto }
svg { display: block; width: 100%; min-width: 640px } svg text { font-size: 14px; fill: #1b1b1b; font-variant-numeric: tabular-nums; white-space: pre }
svg .axis { fill: #5f5f5e; font-size: 13px } .grid { stroke: #e3e3e1 } .grid.zero { stroke: #9b9b99 }
.whisker { stroke: #1f6f78; stroke-width: 2 } .dot { fill: #1f6f78 } .whisker.all { stroke: #8a4b08 } .dot.all { fill: #8a4b08 }
.matrices { display: flex; flex-wrap: wrap; gap: 16px } .matrices table { border-collapse: separate; border-spacing: 2px }
.matrices td, .matrices th { border: 0; padding: 6px 10px; text-align: center; white-space: normal; max-width: 9em; font-weight: 400; font-size: 13px; vertical-align: middle }
.matrices th:first-child { text-align: right; padding-left: 0 } .matrices td.cell { min-width: 72px; padding: 10px; border-radius: 4px; font-size: 15px; text-align: center }
.cell small { display: block; font-size: 12px; opacity: .8 }
.bar { display: inline-block; width: 90px; height: 8px; background: #e3e3e1; border-radius: 4px; overflow: hidden; vertical-align: middle; margin-left: 10px }
.bar span { display: block; height: 100%; background: #1f6f78 }
.wide { overflow-x: auto } summary { cursor: pointer; color: #1f6f78 }
@media print { body { background: #fff; padding: 0 } .card, .panel { break-inside: avoid } }";

/// Slides beyond this many are folded up.
const OPEN_SLIDES: usize = 100;

pub(super) fn page(answer: &Answer) -> Markup {
    let found = &answer.found;
    let raters = answer.raters.iter().map(|r| r.name.as_str()).collect::<Vec<_>>().join(", ");
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Agreement: " (base_name(&answer.file)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "How well the raters agree" }
                p.quiet { (base_name(&answer.file)) " · " (raters) }
                div.figures {
                    (figure("Krippendorff's alpha", &three(found.alpha), &from_to(found.alpha_interval), "95 %: "))
                    (figure("Fleiss' kappa", &three(found.fleiss), &from_to(found.fleiss_interval), "95 %: "))
                    (figure("Objects", &found.n_objects.to_string(), &format!("with two labels or more; {} judged by all", found.n_complete), ""))
                    (figure("Slides", &found.by_slide.len().to_string(), "with such objects", ""))
                }
                @for note in notes(answer) { p.note { (note) } }
                h2 { "Each two raters" }
                div.panel { (dots(&plotted(answer))) }
                p.quiet {
                    "Dot: Cohen's kappa of two raters; diamond: the figure of all. Whiskers: 95 % interval. 1 is full \
                     agreement, 0 what chance alone would give."
                }
                (pairs(answer))
                h2 { "Who said what" }
                div.matrices { @for pair in &found.pairs { (matrix(answer, pair)) } }
                h2 { "By class" }
                (by_class(answer))
                @if !found.by_group.is_empty() {
                    h2 { "By the detector's score" }
                    p.quiet { "Objects that a detector proposed, by tenths of its score." }
                    (parts(answer, &found.by_group, "score", |p| group_name(p.key)))
                }
                h2 { "By slide" }
                @if found.by_slide.len() > OPEN_SLIDES {
                    details {
                        summary { "Show all " (found.by_slide.len()) " slides" }
                        (parts(answer, &found.by_slide, "slide", |p| answer.slide(p.key).to_owned()))
                    }
                } @else {
                    (parts(answer, &found.by_slide, "slide", |p| answer.slide(p.key).to_owned()))
                }
                (method(answer))
            }
        }
    }
}

fn figure(name: &str, value: &str, more: &str, lead: &str) -> Markup {
    html! {
        div.card {
            div.quiet { (name) }
            div.big { (value) }
            @if more != "–" { div.quiet { (lead) (more) } }
        }
    }
}

fn title(answer: &Answer, pair: &Pair) -> String {
    format!("{} / {}", answer.rater(pair.a), answer.rater(pair.b))
}

fn plotted(answer: &Answer) -> Vec<Dot> {
    let found = &answer.found;
    let all = [
        ("Fleiss' kappa, all raters", found.fleiss, found.fleiss_interval),
        ("Krippendorff's alpha, all raters", found.alpha, found.alpha_interval),
    ];
    let pairs = found.pairs.iter().map(|p| Dot {
        name: title(answer, p),
        value: p.figures.kappa,
        bounds: p.interval.and_then(|i| i.bounds),
        all: false,
    });
    let all = all.map(|(name, value, interval)| Dot {
        name: name.to_owned(),
        value,
        bounds: interval.and_then(|i| i.bounds),
        all: true,
    });
    pairs.chain(all).collect()
}

fn pairs(answer: &Answer) -> Markup {
    html! {
        div.wide {
            table {
                tr { th { "raters" } th { "objects" } th { "raw agreement" } th { "Cohen's kappa" } th { "95 % interval" } th { "PABAK" } }
                @for pair in &answer.found.pairs {
                    @let f = &pair.figures;
                    tr {
                        td { (title(answer, pair)) }
                        td { (f.n) }
                        td { (three(f.raw)) (bar(f.raw)) }
                        td { (three(f.kappa)) }
                        td { (from_to(pair.interval)) }
                        td { (three(f.pabak)) }
                    }
                }
            }
        }
    }
}

/// Rows are the first rater's classes, columns the second one's. The deeper the colour, the more objects; green where
/// both say the same, orange where they differ.
fn matrix(answer: &Answer, pair: &Pair) -> Markup {
    let n = pair.figures.n;
    let share = |count: u64| if n == 0 { 0.0 } else { count as f64 / n as f64 };
    let color = |same: bool, share: f64| {
        let (r, g, b) = if same { (31, 111, 120) } else { (196, 88, 10) };
        // The root keeps small counts apart from none; at its deepest the colour still carries dark figures.
        format!("background:rgba({r},{g},{b},{:.3})", share.sqrt() * 0.8)
    };
    html! {
        div.card {
            h3 { (title(answer, pair)) }
            @if n == 0 {
                p.quiet { "No object was judged by both." }
            } @else {
                table {
                    tr { th {} th colspan=(pair.classes.len()) { (answer.rater(pair.b)) " said" } }
                    tr { th { (answer.rater(pair.a)) " said" } @for class in &pair.classes { th { (answer.class(*class)) } } }
                    @for (a, class) in pair.classes.iter().enumerate() {
                        tr {
                            th { (answer.class(*class)) }
                            @for b in 0..pair.classes.len() {
                                @let count = pair.confusion.get(a, b);
                                td.cell style=(color(a == b, share(count))) {
                                    (count) small { (format!("{:.1} %", share(count) * 100.0)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn by_class(answer: &Answer) -> Markup {
    let found = &answer.found;
    // With more pairs than this the table would leave the page; the JSON has them all.
    let shown = if found.pairs.len() > 3 { 0 } else { found.pairs.len() };
    html! {
        div.wide {
            table {
                tr {
                    th { "class" } th { "labels" } th { "agreement on it" } th { "Fleiss' kappa" }
                    @for pair in found.pairs.iter().take(shown) { th { "kappa" br; (title(answer, pair)) } }
                }
                @for class in &found.by_class {
                    tr {
                        td { (answer.class(class.class)) }
                        td { (class.labels) }
                        td { (three(class.specific)) (bar(class.specific)) }
                        td { (three(class.fleiss)) }
                        @for (kappa, _) in class.pairs.iter().take(shown) { td { (three(*kappa)) } }
                    }
                }
            }
        }
        p.quiet {
            "Agreement on a class: how likely another rater says it where one does. Kappa here: the class against all \
             others."
        }
    }
}

fn parts(answer: &Answer, parts: &[Part], what: &str, name: impl Fn(&Part) -> String) -> Markup {
    let pairs = &answer.found.pairs;
    let shown = if pairs.len() > 3 { 0 } else { pairs.len() };
    html! {
        div.wide {
            table {
                tr {
                    th { (what) } th { "objects" } th { "alpha" }
                    @for pair in pairs.iter().take(shown) { th { "raw" br; (title(answer, pair)) } th { "kappa" } }
                }
                @for part in parts {
                    tr {
                        td { (name(part)) }
                        td { (part.n_objects) }
                        td { (three(part.alpha)) }
                        @for f in part.pairs.iter().take(shown) { td { (three(f.raw)) @if shown == 1 { (bar(f.raw)) } } td { (three(f.kappa)) } }
                    }
                }
            }
        }
        p.quiet { "A dash: nothing to compare, or both used one class alone. Kappas of few objects say little." }
    }
}

fn method(answer: &Answer) -> Markup {
    html! {
        h2 { "How it was computed" }
        p {
            "A rater's first label on an object counts; deleted objects and labels without a class are left out. Raw \
             agreement, Cohen's kappa and PABAK are over the objects that both raters judged, Fleiss' kappa over those \
             that all judged, Krippendorff's alpha (nominal) over those with two labels or more."
        }
        @if let Some(how) = answer.how_intervals_came() {
            p { (how) ". Cells of one slide are alike, so whole slides are drawn where there are several." }
        }
        p.quiet {
            "Cohen 1960, Educ Psychol Meas 20:37. Byrt et al. 1993, J Clin Epidemiol 46:423 (PABAK). Fleiss 1971, \
             Psychol Bull 76:378. Hayes and Krippendorff 2007, Commun Methods Meas 1:77. Cicchetti and Feinstein 1990, J \
             Clin Epidemiol 43:551 (agreement on a class). Field and Welsh 2007, J R Stat Soc B 69:369 (drawing slides)."
        }
        p.quiet { "Mitoscope " (env!("CARGO_PKG_VERSION")) ". It informs; it does not diagnose." }
    }
}
