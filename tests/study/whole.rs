//! A whole study, from a slide to its outcome: on an artificial slide whose truth is known, and on real cells of a
//! public set laid out as a slide.

use super::*;
use image::RgbImage;
use mitoscope::model::Rule;
use mitoscope::slide::synthetic::{self, Recipe};
use mitoscope::store::TaskFile;
use mitoscope::study::agreement::{Resampling, Table, agreement};
use mitoscope::study::{kit, outcome, stages};
use std::collections::HashMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::Command;

/// Where the cells are, and which of them are mitotic figures.
type Truth = Vec<(SlidePx, bool)>;

/// What a rater says of a cell: mostly the truth.
fn opinion(who: u64, at: SlidePx, mitotic: bool) -> ClassId {
    let errs = ((at.x as u64 * 31 + at.y as u64 * 17 + who * 101) % 7) == who % 7;
    if mitotic == errs { LOOK_ALIKE } else { FIGURE }
}

/// Goes through the study by the published method; what it leaves is checked against plain counting.
fn go_through(folder: &Path, slide: &Path, truth: &Truth) -> PathBuf {
    let path = folder.join("study.sqlite");
    let mut db = Database::create(&path).unwrap();
    let one = rater(&mut db, "Expert 1");
    let facts = mitoscope::slide::open(slide).unwrap().facts().clone();
    let add = Edit::AddSlide {
        slide: None,
        filename: facts.file_name(),
        directory: folder.display().to_string(),
        size: Some((facts.width, facts.height)),
        mpp: facts.resolution.map(|r| (r.x, r.y)),
        case: Some("case 1".into()),
    };
    db.apply(RaterId(0), add).unwrap();
    let id = db.slides().unwrap()[0].id;
    for (at, mitotic) in truth {
        db.apply(one, spot(id, at.x, at.y, opinion(1, *at, *mitotic))).unwrap();
    }
    // The second by a kit with pictures, the third where the two differ.
    let by_place: HashMap<(i64, i64), bool> =
        truth.iter().map(|(at, m)| ((at.x as i64, at.y as i64), *m)).collect();
    let says = |who, at: SlidePx| opinion(who, at, by_place[&(at.x as i64, at.y as i64)]);
    task(&mut db, "second", "Expert 2", TaskKind::Label, &Choice::default(), 0.1);
    let away = folder.join("second.kit");
    let asked = db.tasks().unwrap().pop().unwrap();
    db.make_kit(&asked, &away, false, &mut |_, _| Ok(None)).unwrap();
    let items = TaskFile::open(&away, Access::ReadOnly).unwrap().items(mitoscope::model::TaskId(1)).unwrap();
    let mut open = ballots(&away, "second");
    for item in &items {
        open.vote(item.number, &vote(says(2, item.at))).unwrap();
    }
    open.seal().unwrap();
    assert_eq!(kit::merge(&mut db, &away).unwrap().merged.labels as usize, truth.len());
    let differ = truth.iter().filter(|(at, m)| opinion(1, *at, *m) != opinion(2, *at, *m)).count();
    let study = stages::study(&db).unwrap();
    assert_eq!(
        (study.total.disagreements as usize, study.next),
        (differ, stages::Next::Third { cells: differ as u64 })
    );
    task(&mut db, "third", "Expert 3", TaskKind::Adjudicate, &Choice::default(), 0.0);
    let third = db.tasks().unwrap().pop().unwrap();
    assert_eq!(third.items as usize, differ);
    let mut open = ballots(&path, "third");
    for item in db.task_items(third.id).unwrap().1 {
        open.vote(item.item.number, &vote(says(3, item.item.at))).unwrap();
    }
    open.seal().unwrap();

    // Agreement of the first two, counted plainly.
    let ids: Vec<RaterId> = ["Expert 1", "Expert 2"].map(|n| db.rater_named(n).unwrap().id).into();
    let table = Table::of_opinions(&ids, None, &[id], &db.opinions().unwrap(), |_| None);
    let found = agreement(&table, Resampling { draws: 0, seed: 1 });
    let raw = 1.0 - differ as f64 / truth.len() as f64;
    assert!((found.pairs[0].figures.raw.unwrap() - raw).abs() < 1e-12);

    let rule = outcome::settlement(&db, Rule::ThirdOnDisagreement, Vec::new()).unwrap();
    let derived = outcome::derive(&db, rule).unwrap();
    db.apply(RaterId(0), outcome::edit(&derived)).unwrap();
    let mut figures = 0;
    for object in db.objects(id).unwrap() {
        let at = object.shape.center().unwrap();
        let said = [1, 2, 3].map(|who| says(who, at));
        let wanted = if said[0] == said[1] { said[0] } else { said[2] };
        assert_eq!(object.agreed, wanted);
        figures += usize::from(wanted == FIGURE);
    }
    assert_eq!(db.figures(id, &[FIGURE]).unwrap().len(), figures);
    assert_eq!(stages::study(&db).unwrap().next, stages::Next::Outcome);
    assert!(db.check().unwrap().ok);
    path
}

/// SlideRunner's own data layer opens what is left, where an interpreter that has it is named.
fn sliderunner_opens(test: &str, path: &Path, cells: usize) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools/open_with_sliderunner.py");
    let Some(python) = std::env::var_os("SLIDERUNNER_PYTHON").filter(|_| script.is_file()) else {
        println!("skipped: {test}: SlideRunner's data layer (SLIDERUNNER_PYTHON names a Python that has it)");
        return;
    };
    let before = std::fs::read(path).unwrap();
    let answer = Command::new(python).arg("-B").arg(script).arg(path).output().unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let facts: serde_json::Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(facts["by_type"]["spot"], cells, "{facts}");
    assert!(std::fs::read(path).unwrap() == before, "SlideRunner changes no byte of it");
}

#[test]
fn a_study_on_an_artificial_slide() {
    let folder = tempfile::tempdir().unwrap();
    let slide = folder.path().join("case.svs");
    let recipe = Recipe { width: 6000, height: 4500, seed: 6, sparse: false };
    let cells = synthetic::write(&slide, &recipe, &mut |_, _| true).unwrap();
    let truth: Truth = cells
        .iter()
        .map(|c| (SlidePx::new(c.x.round(), c.y.round()), c.class() == "mitotic figure"))
        .collect();
    assert!(truth.len() >= 12, "{}", truth.len());
    let path = go_through(folder.path(), &slide, &truth);
    sliderunner_opens("a_study_on_an_artificial_slide", &path, truth.len());
}

#[test]
fn a_study_on_real_cells() {
    let name = "a_study_on_real_cells";
    let packed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/patches/prlab_80.zip");
    let Ok(file) = std::fs::File::open(&packed) else {
        println!("skipped: {name}: no patches in the shared data");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut names: Vec<String> = archive.file_names().map(|n| n.unwrap().into_owned()).collect();
    names.sort();
    const SIDE: u32 = 80;
    const COLUMNS: u32 = 20;
    let rows = (names.len() as u32).div_ceil(COLUMNS);
    let mut sheet = RgbImage::new(COLUMNS * SIDE, rows * SIDE);
    let mut truth: Truth = Vec::new();
    for (i, patch) in names.iter().enumerate() {
        let mut bytes = Vec::new();
        archive.by_name(patch).unwrap().read_to_end(&mut bytes).unwrap();
        let picture = image::load_from_memory(&bytes).unwrap().into_rgb8();
        let (x, y) = (i as u32 % COLUMNS * SIDE, i as u32 / COLUMNS * SIDE);
        image::imageops::replace(&mut sheet, &picture, x.into(), y.into());
        let at = SlidePx::new(f64::from(x + SIDE / 2), f64::from(y + SIDE / 2));
        truth.push((at, !patch.contains("nonmitosis") && !patch.contains("negative")));
    }
    let mitotic = truth.iter().filter(|t| t.1).count();
    assert_eq!((mitotic, truth.len() - mitotic), (77, 198), "as the set's description says");
    let slide = folder.path().join("sheet.png");
    sheet.save(&slide).unwrap();
    let path = go_through(folder.path(), &slide, &truth);
    sliderunner_opens(name, &path, truth.len());
}
