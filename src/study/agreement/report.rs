//! All figures of agreement of one table: between each two raters, among all, by slide, by class, by score group.

use super::alpha::Alpha;
use super::bootstrap::{self, Interval, Resampling, Statistic as _, counts};
use super::kappa::{Confusion, FleissKappa, PairKappa};
use super::selection::{Selection, selections};
use super::table::{Row, Table};
use crate::model::{ClassId, RaterId};
use std::collections::BTreeMap;

/// How two raters agree on the objects that both judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Objects that both judged.
    pub n: u64,
    /// The share with the same class; `None` without objects.
    pub raw: Option<f64>,
    /// Cohen's kappa; `None` without objects and where both used one and the same class alone.
    pub kappa: Option<f64>,
    /// Kappa adjusted for prevalence and bias; `None` without objects or with one class alone.
    pub pabak: Option<f64>,
}

impl From<&Confusion> for Figures {
    fn from(c: &Confusion) -> Self {
        Self { n: c.n(), raw: c.raw(), kappa: c.kappa(), pabak: c.pabak() }
    }
}

/// Two raters.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The first rater, as a place in the table's raters.
    pub a: usize,
    /// The second rater.
    pub b: usize,
    /// Over all objects that both judged.
    pub figures: Figures,
    /// The 95 % interval of kappa; `None` where none was asked for, or without objects.
    pub interval: Option<Interval>,
    /// The classes of the matrix: those that were asked for, else those that one of the two used.
    pub classes: Vec<ClassId>,
    /// Rows are classes of `a`, columns of `b`.
    pub confusion: Confusion,
}

/// The figures of one slide, or of one score group.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Which one: a place in the caller's list.
    pub key: usize,
    /// Its objects with two labels or more.
    pub n_objects: u64,
    /// In the order of [`Agreement::pairs`], with the same classes; pairs without common objects have `n` 0.
    pub pairs: Vec<Figures>,
    /// Fleiss' kappa over the objects that all judged.
    pub fleiss: Option<f64>,
    /// Krippendorff's alpha over the objects with two labels or more.
    pub alpha: Option<f64>,
}

/// Agreement on one class.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassAgreement {
    /// The class.
    pub class: ClassId,
    /// Its labels on objects with two labels or more.
    pub labels: u64,
    /// How likely another rater says the class too where one does.
    pub specific: Option<f64>,
    /// Fleiss' kappa of the class against all others.
    pub fleiss: Option<f64>,
    /// For each of [`Agreement::pairs`]: Cohen's kappa of the class against all others, and the agreement on the class
    /// alone, 2 n_cc / (n_c. + n_.c).
    pub pairs: Vec<(Option<f64>, Option<f64>)>,
}

/// All figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Objects with two labels or more.
    pub n_objects: u64,
    /// Objects that all raters judged.
    pub n_complete: u64,
    /// Objects with a label.
    pub n_judged: u64,
    /// Each two raters, in the table's order.
    pub pairs: Vec<Pair>,
    /// Fleiss' kappa over the objects that all raters judged.
    pub fleiss: Option<f64>,
    /// Its 95 % interval.
    pub fleiss_interval: Option<Interval>,
    /// Krippendorff's alpha over the objects with two labels or more.
    pub alpha: Option<f64>,
    /// Its 95 % interval.
    pub alpha_interval: Option<Interval>,
    /// One a slide that has objects with two labels or more, in the order of slides.
    pub by_slide: Vec<Part>,
    /// One a class.
    pub by_class: Vec<ClassAgreement>,
    /// One a score group that has objects with two labels or more; objects without a group are in none.
    pub by_group: Vec<Part>,
    /// One a rater: which objects the rater judged.
    pub selections: Vec<Selection>,
}

/// Computes all figures of a table. A pure function: one table, one seed, one answer.
pub fn agreement(table: &Table, resampling: Resampling) -> Agreement {
    let (raters, classes) = (table.raters().len(), table.classes().len());
    let rows = &table.rows;
    let fleiss = FleissKappa { raters, classes };
    let alpha = Alpha { raters, classes };
    let pairs: Vec<Pair> = (0..raters)
        .flat_map(|a| (a + 1..raters).map(move |b| (a, b)))
        .map(|(a, b)| pair(table, a, b, resampling))
        .collect();
    let all = joined(table.raters());
    Agreement {
        n_objects: table.judged_by(2) as u64,
        n_complete: table.judged_by(raters.max(1)) as u64,
        n_judged: table.judged_by(1) as u64,
        fleiss: fleiss.value(&counts(&fleiss, rows)),
        fleiss_interval: bootstrap::interval(&fleiss, rows, resampling, &format!("fleiss {all}")),
        alpha: alpha.value(&counts(&alpha, rows)),
        alpha_interval: bootstrap::interval(&alpha, rows, resampling, &format!("alpha {all}")),
        by_slide: parts(table, &pairs, |r| Some(r.slide)),
        by_class: by_class(table, &pairs),
        by_group: parts(table, &pairs, |r| r.group),
        selections: selections(table),
        pairs,
    }
}

/// The raters' uids in their own order: whoever is asked first, the draws are the same.
fn joined(raters: &[RaterId]) -> String {
    let mut uids: Vec<i64> = raters.iter().map(|r| r.0).collect();
    uids.sort_unstable();
    uids.iter().map(i64::to_string).collect::<Vec<_>>().join(" ")
}

fn pair(table: &Table, a: usize, b: usize, resampling: Resampling) -> Pair {
    let statistic = PairKappa { a, b, classes: table.classes().len() };
    let whole = Confusion::new(statistic.classes, counts(&statistic, &table.rows));
    // Classes that neither used would lower what chance is thought to do in PABAK.
    let used: Vec<usize> =
        (0..whole.classes()).filter(|c| table.classes_were_named() || whole.margins(*c) != (0, 0)).collect();
    let confusion = narrowed(&whole, &used);
    let name = format!("pair {}", joined(&[table.raters()[a], table.raters()[b]]));
    Pair {
        a,
        b,
        figures: Figures::from(&confusion),
        interval: bootstrap::interval(&statistic, &table.rows, resampling, &name),
        classes: used.iter().map(|c| table.classes()[*c]).collect(),
        confusion,
    }
}

/// The matrix of some classes alone.
fn narrowed(whole: &Confusion, classes: &[usize]) -> Confusion {
    let cells = classes.iter().flat_map(|a| classes.iter().map(|b| whole.get(*a, *b))).collect();
    Confusion::new(classes.len(), cells)
}

/// The figures of each part of the objects.
fn parts(table: &Table, pairs: &[Pair], key: impl Fn(&Row) -> Option<usize>) -> Vec<Part> {
    let mut groups: BTreeMap<usize, Vec<&Row>> = BTreeMap::new();
    for row in table.rows.iter().filter(|r| r.labels.iter().flatten().count() >= 2) {
        if let Some(key) = key(row) {
            groups.entry(key).or_default().push(row);
        }
    }
    let classes = table.classes().len();
    let raters = table.raters().len();
    let (fleiss, alpha) = (FleissKappa { raters, classes }, Alpha { raters, classes });
    groups
        .into_iter()
        .map(|(key, rows)| {
            let of = |pair: &Pair| {
                let statistic = PairKappa { a: pair.a, b: pair.b, classes };
                let whole = Confusion::new(classes, counts(&statistic, rows.iter().copied()));
                Figures::from(&narrowed(&whole, &places(table, &pair.classes)))
            };
            Part {
                key,
                n_objects: rows.len() as u64,
                pairs: pairs.iter().map(of).collect(),
                fleiss: fleiss.value(&counts(&fleiss, rows.iter().copied())),
                alpha: alpha.value(&counts(&alpha, rows.iter().copied())),
            }
        })
        .collect()
}

fn places(table: &Table, classes: &[ClassId]) -> Vec<usize> {
    classes.iter().filter_map(|c| table.classes().binary_search(c).ok()).collect()
}

fn by_class(table: &Table, pairs: &[Pair]) -> Vec<ClassAgreement> {
    let (raters, classes) = (table.raters().len(), table.classes().len());
    let (fleiss, alpha) = (FleissKappa { raters, classes }, Alpha { raters, classes });
    let (of_all, of_some) = (counts(&fleiss, &table.rows), counts(&alpha, &table.rows));
    table
        .classes()
        .iter()
        .enumerate()
        .map(|(c, class)| ClassAgreement {
            class: *class,
            labels: of_some.get(c).copied().unwrap_or(0),
            specific: alpha.specific(&of_some, c),
            fleiss: fleiss.of_class(&of_all, c),
            pairs: pairs
                .iter()
                .map(|p| match p.classes.binary_search(class) {
                    Ok(at) => (p.confusion.one_against_rest(at).kappa(), p.confusion.specific(at)),
                    Err(_) => (None, None),
                })
                .collect(),
        })
        .collect()
}
