//! How well raters agree: against brute force, against outside libraries on real votes, and from the command line.

#![allow(clippy::unwrap_used, reason = "a test may end in a panic")]

use mitoscope::model::{ClassId, Edit, Object, Rater, RaterId, Shape, SlideId, SlidePx};
use mitoscope::store::{Access, Database};
use mitoscope::study::agreement::{Agreement, Judged, Resampling, Table, agreement};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const NO_DRAWS: Resampling = Resampling { draws: 0, seed: 1 };

/// A file of the shared data; `None`, with a word on standard output, where the data were not handed over.
fn shared(test: &str, name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.is_file() {
        println!("skipped: {test}: no ../shared/data/{name}");
        return None;
    }
    Some(path)
}

fn near(got: Option<f64>, wanted: Option<f64>) -> bool {
    match (got, wanted) {
        (Some(got), Some(wanted)) => (got - wanted).abs() <= 1e-9,
        (None, None) => true,
        _ => false,
    }
}

// ---------------------------------------------------------------- brute force

type Grid = Vec<Vec<Option<i64>>>;

fn table(grid: &Grid, classes: Option<&[ClassId]>) -> Table {
    let raters: Vec<RaterId> = (1..=grid[0].len() as i64).map(RaterId).collect();
    let objects = grid.iter().enumerate().map(|(i, row)| Judged {
        slide: i % 3,
        group: Some(i % 2),
        labels: row.iter().map(|l| l.map(ClassId)).collect(),
    });
    Table::new(&raters, classes, objects)
}

/// Shares of a list of classes.
fn shares(labels: &[i64]) -> BTreeMap<i64, f64> {
    let mut out = BTreeMap::new();
    for label in labels {
        *out.entry(*label).or_insert(0.0) += 1.0 / labels.len() as f64;
    }
    out
}

/// By the words of Cohen's definition: two lists of equal length.
fn cohen(x: &[i64], y: &[i64]) -> Option<f64> {
    let observed = x.iter().zip(y).filter(|(a, b)| a == b).count() as f64 / x.len() as f64;
    let by = shares(y);
    let expected: f64 = shares(x).iter().map(|(c, p)| p * by.get(c).unwrap_or(&0.0)).sum();
    (!x.is_empty() && expected < 1.0 - 1e-12).then(|| (observed - expected) / (1.0 - expected))
}

/// Mean agreement of all pairs of raters on an object, against that of two labels drawn from all.
fn fleiss(rows: &[Vec<i64>]) -> Option<f64> {
    let all: Vec<i64> = rows.iter().flatten().copied().collect();
    let expected: f64 = shares(&all).values().map(|p| p * p).sum();
    let of = |row: &Vec<i64>| {
        let m = row.len();
        let same =
            (0..m).flat_map(|i| (0..m).map(move |j| (i, j))).filter(|(i, j)| i != j && row[*i] == row[*j]);
        same.count() as f64 / (m * (m - 1)) as f64
    };
    let observed = rows.iter().map(of).sum::<f64>() / rows.len() as f64;
    (!rows.is_empty() && expected < 1.0 - 1e-12).then(|| (observed - expected) / (1.0 - expected))
}

/// Observed over expected disagreement, pair by pair.
fn krippendorff(rows: &[Vec<i64>]) -> Option<f64> {
    let all: Vec<i64> = rows.iter().flatten().copied().collect();
    let n = all.len() as f64;
    let mut observed = 0.0;
    for row in rows {
        for (i, a) in row.iter().enumerate() {
            for (j, b) in row.iter().enumerate() {
                observed += f64::from(u8::from(i != j && a != b)) / (row.len() - 1) as f64;
            }
        }
    }
    let expected = all.iter().map(|a| all.iter().filter(|b| *b != a).count() as f64).sum::<f64>() / (n - 1.0);
    (expected > 0.0).then(|| 1.0 - observed / expected)
}

fn compare(found: &Agreement, grid: &Grid) -> Result<(), TestCaseError> {
    let raters = grid[0].len();
    let mut pairs = found.pairs.iter();
    for a in 0..raters {
        for b in a + 1..raters {
            let pair = pairs.next().unwrap();
            prop_assert_eq!((pair.a, pair.b), (a, b));
            let both = grid.iter().filter_map(|r| r[a].zip(r[b]));
            let (x, y): (Vec<i64>, Vec<i64>) = both.unzip();
            prop_assert_eq!(pair.figures.n, x.len() as u64);
            let agreed = x.iter().zip(&y).filter(|(a, b)| a == b).count() as f64;
            let raw = (!x.is_empty()).then(|| agreed / x.len() as f64);
            prop_assert!(near(pair.figures.raw, raw));
            prop_assert!(near(pair.figures.kappa, cohen(&x, &y)), "{:?} {:?}", pair, cohen(&x, &y));
            let k = shares(&[x.clone(), y.clone()].concat()).len() as f64;
            let pabak = raw.filter(|_| k > 1.0).map(|raw| (k * raw - 1.0) / (k - 1.0));
            prop_assert!(near(pair.figures.pabak, pabak));
            prop_assert_eq!(pair.classes.len() as f64, k);
            for (i, class) in found.by_class.iter().enumerate() {
                let is = |v: &[i64]| v.iter().map(|c| i64::from(*c == class.class.0)).collect::<Vec<_>>();
                let at = found.pairs.iter().position(|p| (p.a, p.b) == (a, b)).unwrap();
                let used = pair.classes.contains(&class.class);
                let wanted = cohen(&is(&x), &is(&y)).filter(|_| used);
                prop_assert!(near(found.by_class[i].pairs[at].0, wanted));
            }
        }
    }
    let labels = |row: &Vec<Option<i64>>| row.iter().copied().flatten().collect::<Vec<_>>();
    let whole: Vec<Vec<i64>> = grid.iter().map(labels).filter(|r| r.len() == raters).collect();
    let two: Vec<Vec<i64>> = grid.iter().map(labels).filter(|r| r.len() >= 2).collect();
    prop_assert!(near(found.fleiss, fleiss(&whole)), "{:?} {:?}", found.fleiss, fleiss(&whole));
    prop_assert!(near(found.alpha, krippendorff(&two)), "{:?} {:?}", found.alpha, krippendorff(&two));
    prop_assert_eq!((found.n_objects, found.n_complete), (two.len() as u64, whole.len() as u64));
    for class in &found.by_class {
        let is = |r: &Vec<i64>| r.iter().map(|c| i64::from(*c == class.class.0)).collect::<Vec<_>>();
        prop_assert!(near(class.fleiss, fleiss(&whole.iter().map(is).collect::<Vec<_>>())));
        prop_assert_eq!(class.labels, two.iter().flatten().filter(|c| **c == class.class.0).count() as u64);
    }
    Ok(())
}

fn grids() -> impl Strategy<Value = Grid> {
    (2_usize..5, 1_i64..5).prop_flat_map(|(raters, classes)| {
        let label = prop_oneof![4 => (1..=classes).prop_map(Some), 1 => Just(None)];
        prop::collection::vec(prop::collection::vec(label, raters), 1..40)
    })
}

proptest! {
    #[test]
    fn equals_brute_force(grid in grids()) {
        let found = agreement(&table(&grid, None), NO_DRAWS);
        compare(&found, &grid)?;
        // A slide's figures are those of its objects alone; a group's too.
        let slide = |s: usize| grid.iter().enumerate().filter(move |(i, _)| i % 3 == s).map(|(_, r)| r.clone());
        for part in &found.by_slide {
            let two: Vec<Vec<i64>> =
                slide(part.key).map(|r| r.into_iter().flatten().collect::<Vec<_>>()).filter(|r| r.len() > 1).collect();
            prop_assert_eq!(part.n_objects, two.len() as u64);
            prop_assert!(near(part.alpha, krippendorff(&two)));
        }
        prop_assert_eq!(found.by_slide.iter().map(|p| p.n_objects).sum::<u64>(), found.n_objects);
        prop_assert_eq!(found.by_group.iter().map(|p| p.n_objects).sum::<u64>(), found.n_objects);
        for (i, pair) in found.pairs.iter().enumerate() {
            prop_assert_eq!(found.by_slide.iter().map(|p| p.pairs[i].n).sum::<u64>(), pair.figures.n);
        }
    }

    #[test]
    fn an_interval_is_the_same_whoever_else_is_asked(grid in grids(), seed in 0_u64..99) {
        let r = Resampling { draws: 40, seed };
        let all = agreement(&table(&grid, None), r);
        let two: Grid = grid.iter().map(|row| row[..2].to_vec()).collect();
        let alone = agreement(&table(&two, None), r);
        prop_assert_eq!(all.pairs[0].interval, alone.pairs[0].interval);
        // Whoever comes first, too.
        let turned: Vec<Judged> = two.iter().enumerate().map(|(i, row)| Judged {
            slide: i % 3,
            group: None,
            labels: row.iter().rev().map(|l| l.map(ClassId)).collect(),
        }).collect();
        let turned = agreement(&Table::new(&[RaterId(2), RaterId(1)], None, turned), r);
        prop_assert_eq!(turned.pairs[0].interval, alone.pairs[0].interval);
        prop_assert_eq!(turned.pairs[0].figures.kappa, alone.pairs[0].figures.kappa);
    }
}

#[test]
fn classes_that_were_asked_for_are_choices_though_nobody_took_them() {
    let grid = vec![vec![Some(1), Some(1)]; 5];
    let of =
        |classes: Option<&[ClassId]>| agreement(&table(&grid, classes), NO_DRAWS).pairs[0].figures.clone();
    assert_eq!((of(None).kappa, of(None).pabak), (None, None));
    let named = of(Some(&[ClassId(1), ClassId(2)]));
    assert_eq!((named.kappa, named.pabak, named.n), (None, Some(1.0), 5));
}

// ---------------------------------------------------------------- outside references

/// The AMi-Br set: three experts on 3,720 cells; scikit-learn, statsmodels, krippendorff.
#[test]
fn equals_the_libraries_on_atypical_mitoses() {
    let test = "equals_the_libraries_on_atypical_mitoses";
    let (Some(csv), Some(reference)) =
        (shared(test, "reference/ami_br_labels.csv"), shared(test, "reference/agreement.json"))
    else {
        return;
    };
    let wanted: Value = serde_json::from_slice(&std::fs::read(reference).unwrap()).unwrap();
    let mut reader = csv::Reader::from_path(csv).unwrap();
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let column = |name: &str| {
        let at = header.iter().position(|h| h == name).unwrap();
        rows.iter().map(|r| r[at].to_owned()).collect::<Vec<String>>()
    };
    let check = |columns: &[&str], set: &str| {
        let columns: Vec<Vec<String>> = columns.iter().map(|c| column(c)).collect();
        let mut names: Vec<&String> = columns.iter().flatten().collect();
        names.sort();
        names.dedup();
        let class = |name: &String| Some(names.binary_search(&name).unwrap() as i64 + 1);
        let grid: Grid = (0..rows.len()).map(|i| columns.iter().map(|c| class(&c[i])).collect()).collect();
        let found = agreement(&table(&grid, None), NO_DRAWS);
        let wanted = &wanted[set];
        let number = |key: &str| Some(wanted[key].as_f64().unwrap());
        assert_eq!(found.n_objects, wanted["n_items"].as_u64().unwrap());
        for pair in &found.pairs {
            let name = format!("{}_{}", pair.a + 1, pair.b + 1);
            assert!(near(pair.figures.kappa, number(&format!("cohen_{name}"))), "{set} {name}");
            assert!(near(pair.figures.raw, number(&format!("po_{name}"))), "{set} {name}");
            assert!(near(pair.figures.pabak, number(&format!("pabak_{name}"))), "{set} {name}");
        }
        assert!(
            near(found.fleiss, number("fleiss")) && near(found.alpha, number("krippendorff_nominal")),
            "{set}"
        );
    };
    check(
        &["expert1_atypical", "expert2_atypical", "expert3_atypical"],
        "AMi-Br atypical, 3 experts, binary",
    );
    check(&["expert1_label", "expert2_label"], "AMi-Br 8-class, 2 experts");
}

/// What a pair should come to: names, n, raw, kappa, matrix.
type Wanted = (&'static str, &'static str, u64, f64, f64, [[u64; 2]; 2]);

/// Real votes. The figures are of scikit-learn 1.9.1 (`cohen_kappa_score`), statsmodels 0.15.0 (`fleiss_kappa`) and
/// krippendorff 0.9.0, over each person's first label on annotations that are not deleted.
#[test]
fn equals_the_libraries_on_real_votes() {
    let sets: [(&str, &[Wanted], (f64, f64)); 3] = [
        (
            "TUPAC_AL__training",
            &[(
                "Christof",
                "Robert",
                7226,
                0.8527539440907833,
                0.6565709932745043,
                [[1717, 512], [552, 4445]],
            )],
            (0.6565587205815493, 0.656582484854966),
        ),
        (
            "SlideRunner__MITOS2014",
            &[
                (
                    "MITOS2014_1",
                    "MITOS2014_2",
                    3633,
                    0.8510872557115332,
                    0.5576319927832984,
                    [[473, 541], [0, 2619]],
                ),
                ("MITOS2014_1", "MITOS2014_3", 541, 0.5101663585951941, 0.0, [[276, 265], [0, 0]]),
                ("MITOS2014_2", "MITOS2014_3", 541, 0.4898336414048059, 0.0, [[0, 0], [276, 265]]),
            ],
            (-0.33339458346367956, 0.6036772122604024),
        ),
        (
            "MIDOG__MIDOG_AperioCS2",
            &[
                ("CB", "RK", 1612, 0.782258064516129, 0.5498453372030856, [[457, 270], [81, 804]]),
                ("CB", "TD", 351, 0.6609686609686609, 0.18277865821447437, [[191, 79], [40, 41]]),
                ("RK", "TD", 351, 0.33903133903133903, -0.1295880149812736, [[40, 41], [191, 79]]),
            ],
            (-0.34831571344146006, 0.5966560177790123),
        ),
    ];
    for (name, pairs, (fleiss, alpha)) in sets {
        let Some(path) = shared("equals_the_libraries_on_real_votes", &format!("databases/{name}.sqlite"))
        else {
            return;
        };
        let mut raters: Vec<&str> = pairs.iter().flat_map(|p| [p.0, p.1]).collect();
        raters.sort_unstable();
        raters.dedup();
        let got = json_of(&[path.to_str().unwrap(), "--raters", &raters.join(",")]);
        for (found, (a, b, n, raw, kappa, matrix)) in got["pairs"].as_array().unwrap().iter().zip(pairs) {
            assert_eq!((found["a"].as_str(), found["b"].as_str()), (Some(*a), Some(*b)));
            assert_eq!((&found["n"], &found["confusion"]), (&json!(n), &json!(matrix)), "{name}: {a}, {b}");
            assert!(near(found["raw"].as_f64(), Some(*raw)), "{name}: {a}, {b}");
            assert!(near(found["kappa"].as_f64(), Some(*kappa)), "{name}: {a}, {b}");
        }
        assert!(near(got["fleiss_kappa"].as_f64(), Some(fleiss)), "{name}");
        assert!(near(got["krippendorff_alpha"].as_f64(), Some(alpha)), "{name}");
    }
}

// ---------------------------------------------------------------- the command line

fn agree(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mitoscope"))
        .arg("agree")
        .args(words)
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

fn json_of(words: &[&str]) -> Value {
    let output = agree(&[words, &["--json"]].concat());
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refused(words: &[&str], code: i32) -> String {
    let output = agree(words);
    assert_eq!(output.status.code(), Some(code), "{words:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.stdout.is_empty() && said.lines().count() == 1, "{words:?}: {said}");
    said
}

/// A study of two slides, 12 cells each, raters "Expert 1" and "Klopfleisch, FU Berlin"; on each slide they differ on
/// two cells, one cell is judged by the first alone, and one is deleted.
fn study(path: &Path) {
    let mut db = Database::create(path).unwrap();
    for name in ["Expert 1", "Klopfleisch, FU Berlin", "Nobody yet <b>"] {
        db.apply(RaterId(0), Edit::AddRater { rater: Rater { id: RaterId(0), name: name.into() } }).unwrap();
    }
    for (n, name) in ["a.svs", "b.svs"].into_iter().enumerate() {
        let (slide, filename) = (None, name.to_owned());
        let edit =
            Edit::AddSlide { slide, filename, directory: String::new(), size: None, mpp: None, case: None };
        db.apply(RaterId(0), edit).unwrap();
        let slide = SlideId(n as i64 + 1);
        for cell in 0..12_i64 {
            let class = ClassId(1 + cell % 2);
            let shape = Shape::Spot(SlidePx::new(cell as f64 * 100.0, 50.0));
            let edit = Edit::AddObject { object: None, slide, shape, class, description: String::new() };
            let object: Object = db.apply(RaterId(1), edit).unwrap().object.unwrap();
            let second = if cell < 2 { ClassId(3 - class.0) } else { class };
            if cell != 11 {
                let edit = Edit::SetLabel { object: object.id, before: None, after: Some(second) };
                db.apply(RaterId(2), edit).unwrap();
            }
            if cell == 10 {
                db.apply(RaterId(1), Edit::SetDeleted { object: object.id, deleted: true }).unwrap();
            }
        }
    }
}

#[test]
fn a_study_is_compared_and_not_one_byte_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    study(&path);
    let before = std::fs::read(&path).unwrap();
    let db = path.to_str().unwrap();
    let got = json_of(&[db]);
    let pair = &got["pairs"][0];
    assert_eq!((&pair["a"], &pair["b"]), (&json!("Expert 1"), &json!("Klopfleisch, FU Berlin")));
    assert_eq!(
        (&pair["n"], &pair["raw"], &pair["confusion"]),
        (&json!(20), &json!(0.8), &json!([[8, 2], [2, 8]]))
    );
    assert!(near(pair["kappa"].as_f64(), Some(0.6)) && near(pair["pabak"].as_f64(), Some(0.6)));
    assert_eq!(pair["drawn_from"], json!({"unit": "slides", "units": 2}));
    assert_eq!((&got["n_objects"], &got["n_judged"]), (&json!(20), &json!(22)));
    assert_eq!(got["by_slide"].as_array().unwrap().len(), 2);
    assert_eq!(got["by_slide"][1]["filename"], "b.svs");
    assert!(near(got["by_class"][0]["specific_agreement"].as_f64(), Some(0.8)));
    assert_eq!(got["by_score_group"], json!([]));

    let one = json_of(&[db, "--slide", "a.svs", "--seed", "4"]);
    assert_eq!((&one["n_objects"], &one["pairs"][0]["drawn_from"]["unit"]), (&json!(10), &json!("objects")));
    let (low, high) = (&one["pairs"][0]["kappa_ci"][0], &one["pairs"][0]["kappa_ci"][1]);
    assert!(low.as_f64().unwrap() < 0.6 && high.as_f64().unwrap() > 0.6);
    assert_eq!(one, json_of(&[db, "--slide", "a.svs", "--seed", "4"]));
    assert_eq!(json_of(&[db, "--bootstrap", "0"])["pairs"][0]["kappa_ci"], Value::Null);

    // A comma in a name; names and uids of classes.
    let words = [db, "--raters", "Klopfleisch, FU Berlin", "--raters", "Expert 1", "--classes"];
    let by_name =
        json_of(&[&words[..], &["mitotic figure,non-mitotic look-alike", "--as-coordinator"]].concat());
    assert_eq!(by_name["pairs"][0]["b"], "Expert 1");
    assert_eq!(by_name["pairs"][0]["kappa_ci"], got["pairs"][0]["kappa_ci"]);
    assert_eq!(by_name, json_of(&[&words[..], &["2,1"]].concat()));

    let nobody = json_of(&[db, "--raters", "Expert 1,Nobody yet <b>"]);
    assert_eq!((&nobody["pairs"][0]["n"], &nobody["pairs"][0]["kappa"]), (&json!(0), &Value::Null));
    assert_eq!((&nobody["fleiss_kappa"], &nobody["krippendorff_alpha"]), (&Value::Null, &Value::Null));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn the_table_and_the_page_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (db, csv, html) = (at("study.sqlite"), at("agreement.csv"), at("agreement.html"));
    study(Path::new(&db));
    {
        let plain = rusqlite::Connection::open(&db).unwrap();
        for (object, score) in [(1, 0.05), (2, 0.07), (3, 0.95), (4, 1.0)] {
            let sql = "INSERT INTO mitoscope_candidates (run, slide, x, y, class, score, object)
                       VALUES (1, 1, 0, 0, 'x', ?1, ?2)";
            plain.execute(sql, (score, object)).unwrap();
        }
    }
    let output = agree(&[&db, "--csv", &csv, "--html", &html]);
    assert!(output.status.success() && output.stderr.is_empty());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("20 objects") && text.contains("0.600") && text.contains("seed 1"), "{text}");

    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_path(&csv).unwrap().records().map(Result::unwrap).collect();
    let of: Vec<(&str, &str, &str)> = rows.iter().map(|r| (&r[0], &r[1], &r[4])).collect();
    let wanted = [
        ("all", "", "20"),
        ("slide", "a.svs", "10"),
        ("slide", "b.svs", "10"),
        ("score", "0.0 to 0.1", "2"),
        ("score", "0.9 to 1.0", "2"),
    ];
    assert_eq!(of, wanted);
    assert_eq!((&rows[0][3], &rows[0][5], &rows[3][5]), ("Klopfleisch, FU Berlin", "0.8", "0"));

    let all = ["--raters", "Expert 1,Nobody yet <b>", "--html", &html];
    let page = std::fs::read_to_string(&html).unwrap();
    for part in ["<!DOCTYPE html>", "<svg", "0.600", "0.9 to 1.0", "a.svs", "Klopfleisch, FU Berlin"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("http"), "the page needs nothing else");
    assert!(agree(&[&[db.as_str()][..], &all[..]].concat()).status.success());
    let page = std::fs::read_to_string(&html).unwrap();
    assert!(page.contains("Nobody yet &lt;b&gt;") && !page.contains("yet <b>") && page.contains("no value"));
}

#[test]
fn what_cannot_be_compared_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    study(&path);
    let (db, before) = (path.to_str().unwrap(), std::fs::read(&path).unwrap());
    let said = refused(&[db, "--raters", "Expert 1,Nobody"], 1);
    assert!(said.contains("\"Nobody\"") && said.contains("\"Expert 1\""), "{said}");
    refused(&[db, "--raters", "Expert 1"], 2);
    refused(&[db, "--raters", "Expert 1,Expert 1"], 2);
    refused(&[db, "--classes", "1"], 2);
    assert!(refused(&[db, "--classes", "1,77"], 1).contains("mitotic figure"));
    assert!(refused(&[db, "--slide", "z.svs"], 1).contains("z.svs"));
    refused(&["nowhere.sqlite"], 1);
    for option in ["--csv", "--html"] {
        assert!(refused(&[db, option, db], 1).contains("another name"));
    }
    let empty = folder.path().join("empty.sqlite");
    drop(Database::create(&empty).unwrap());
    assert!(refused(&[empty.to_str().unwrap()], 1).contains("needs two raters"));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let db = Database::open(&path, Access::ReadOnly).unwrap();
    assert_eq!(
        db.opinions().unwrap().len(),
        42,
        "one a cell, the deleted one apart, and one less on a slide"
    );
}

#[test]
fn every_generation_is_read() {
    let test = "every_generation_is_read";
    // Generation 0 has neither guid nor deleted; the others have what SlideRunner added since.
    for name in
        ["old-249e9124__SlideRunner__MITOS2012", "SlideRunner__MITOS2014", "TUPAC_AL__augmented_training"]
    {
        let Some(path) = shared(test, &format!("databases/{name}.sqlite")) else { return };
        let db = Database::open(&path, Access::ReadOnly).unwrap();
        let opinions = db.opinions().unwrap();
        let plain = db.slides().unwrap().iter().flat_map(|s| db.objects(s.id).unwrap()).collect::<Vec<_>>();
        let labels: usize = plain.iter().filter(|o| !o.deleted).map(|o| o.labels.len()).sum();
        assert_eq!(opinions.len(), labels, "{name}");
        assert!(opinions.is_sorted_by_key(|o| o.label), "{name}");
    }
}
