//! Readers given good, wrong and hostile bytes.

use super::*;
use crate::model::Rect;
use proptest::prelude::*;
use std::io::Write as _;

fn read_csv(text: &str) -> Reading {
    parse(text.as_bytes(), Format::Csv).unwrap()
}

fn lines(reading: &Reading) -> Vec<(u64, &str)> {
    reading.skipped.iter().map(|s| (s.line, s.reason.as_str())).collect()
}

fn spot(x: f64, y: f64) -> Shape {
    Shape::Spot(SlidePx::new(x, y))
}

#[test]
fn columns_are_found_in_any_order_and_case() {
    let text =
        "\u{feff}Class, Y ,X,note,GUID,rater\r\n\"Mitose \"\"sicher\"\", 1\",2.5,-1,ignored,g-1, Jörg \r\n";
    for text in [text.to_owned(), text.replace("\r\n", "\n"), text.replace(", 1", "; 1").replace(',', "\t")] {
        let reading = read_csv(&text);
        assert_eq!(reading.skipped, []);
        let [row] = reading.records.as_slice() else { panic!("{reading:?}") };
        assert_eq!((row.line, &row.shape, row.slide.as_deref()), (2, &spot(-1.0, 2.5), None));
        assert!(row.class.starts_with("Mitose \"sicher\""), "{row:?}");
        assert_eq!((row.rater.as_deref(), row.guid.as_deref()), (Some("Jörg"), Some("g-1")));
    }
    assert_eq!(read_csv("x,y,class\n"), Reading::default());
    assert_eq!(read_csv("x;y;class\n1;2;a\n").records[0].shape, spot(1.0, 2.0));
}

#[test]
fn wrong_rows_are_named_by_the_line_on_which_they_start() {
    let long = "n".repeat(501);
    let text = format!(
        "x,y,class,description\n1,2,\"a\",\"two\nlines\"\n\n\nnorth,2,a\n77\n1,,a\n1,2, \n1,inf,a\n1e10,2,a\n1,2,{long}\n,,\n\
         1,2,\"a\nb\"\n3,4,b\n"
    );
    let reading = read_csv(&text);
    let skipped = lines(&reading);
    assert_eq!(
        skipped,
        [
            (6, "x is \"north\", not a number"),
            (7, "the row is too short, y is missing"),
            (8, "y is empty"),
            (9, "class is empty"),
            (10, "y is \"inf\", not a number"),
            (11, "x is 10000000000; no slide reaches so far"),
            (12, "class is longer than 500 bytes"),
            (14, "class holds a line break or another control character"),
        ]
    );
    let good: Vec<_> = reading.records.iter().map(|r| (r.line, r.class.as_str())).collect();
    assert_eq!(good, [(2, "a"), (16, "b")]);
    assert_eq!(reading.records[0].description, "two\nlines");
    let mac = read_csv("x,y,class\r1,2,a\r\rz,2,a\r");
    assert_eq!((mac.records.len(), mac.skipped[0].line), (1, 4));
    let raw = parse(b"x,y,class\n1,2,M\xfcller\n", Format::Csv).unwrap();
    assert_eq!(lines(&raw), [(2, "class is not written in UTF-8")]);
}

#[test]
fn files_without_the_needed_columns_are_refused_whole() {
    for (bytes, says) in [
        (&b""[..], "is empty"),
        (b"\n\n", "is empty"),
        (b"x,y\n1,2\n", "no column class"),
        (b"x,y,class,x\n1,2,a,3\n", "two columns x"),
        (b"slide,x1,y1,x2,y2\na,1,2,3,4\n", "no column cls"),
        (b"\x00\xff\x00\xff", "not a table"),
        (b"\xff\xfex\0,\0y\0", "UTF-16"),
        (b"{\"annotations\": [", "no column x"),
    ] {
        let why = parse(bytes, Format::Csv).unwrap_err();
        assert!(why.contains(says), "{why}");
    }
    for (bytes, says) in [
        (&b""[..], "not sound JSON"),
        (b"{\"annotations\": [", "not sound JSON"),
        (b"[1, 2]", "no list"),
        (b"{\"images\": []}", "no COCO file"),
        (b"{\"annotations\": 7}", "no list"),
    ] {
        let why = parse(bytes, Format::Coco).unwrap_err();
        assert!(why.contains(says), "{why}");
    }
    for format in [Format::Geojson, Format::Asap, Format::Imagescope, Format::Pickle] {
        assert!(parse(b"{}", format).unwrap_err().contains("not read yet"));
    }
}

#[test]
fn boxes_of_a_detector_become_spots_at_their_centres() {
    let text = "slide,x1,y1,x2,y2,cls,score\na.svs,324,8545,376,8598,0,0.68\na.svs,9,9,3,9,0,0.5\na.svs,1,1,3,3,0,high\n";
    let reading = read_csv(text);
    assert!(reading.detections);
    let row = &reading.records[0];
    assert_eq!((&row.shape, row.class.as_str(), row.score), (&spot(350.0, 8571.5), "0", Some(0.68)));
    assert_eq!(
        lines(&reading),
        [(3, "the box ends before it begins"), (4, "score is \"high\", not a number")]
    );
}

const HEAD: &str = r#""images":[{"id":"one","file_name":"a.svs"},{"id":2},null],"categories":[{"id":1,"name":"mitosis"},{"id":2}]"#;

fn read_coco(annotations: &str, format: Format) -> Reading {
    parse(format!("{{{HEAD},\"annotations\":[{annotations}]}}").as_bytes(), format).unwrap()
}

#[test]
fn boxes_become_spots_rectangles_and_outlines() {
    let row = |more: &str| format!(r#"{{"image_id":"one","category_id":1,{more}}}"#);
    let all = [
        row(r#""bbox":[10,20,50,50],"attributes":{"rater":"B"},"guid":"g""#),
        row(r#""bbox":[10,20,64.5,64.5],"rater":"A","attributes":{"rater":"B"}"#),
        row(r#""bbox":[10,20,30,50],"segmentation":[[0,0,9,0,9,9,0,0]]"#),
        row(r#""bbox":[0,0,8,8],"segmentation":{"counts":"xyz","size":[8,8]},"attributes":[1,{"a":2}]"#),
    ];
    let reading = read_coco(&all.join(","), Format::Coco);
    assert_eq!(reading.skipped, []);
    let shapes: Vec<&Shape> = reading.records.iter().map(|r| &r.shape).collect();
    let ring = [(0.0, 0.0), (9.0, 0.0), (9.0, 9.0)].map(|(x, y)| SlidePx::new(x, y)).to_vec();
    assert_eq!(
        shapes,
        [
            &spot(35.0, 45.0),
            &Shape::Rectangle(Rect::new(10.0, 20.0, 64.5, 64.5)),
            &Shape::Polygon(ring),
            &spot(4.0, 4.0)
        ]
    );
    let raters: Vec<_> = reading.records.iter().map(|r| r.rater.as_deref()).collect();
    assert_eq!(raters, [Some("B"), Some("A"), None, None]);
    assert_eq!(reading.records[0].guid.as_deref(), Some("g"));
}

#[test]
fn wrong_elements_are_named_by_their_number() {
    let all = r#"7,{"image_id":77,"category_id":1,"bbox":[1,2,3,4]},{"image_id":"one","category_id":9,"bbox":[1,2,3,4]},
        {"image_id":"one","category_id":2,"bbox":[1,2,3,4]},{"image_id":"one","category_id":1,"bbox":[1,2]},
        {"image_id":"one","category_id":1,"bbox":[1,2,3,"4"]},{"image_id":"one","category_id":1,"bbox":[1,2,-3,4]},
        {"image_id":"one","category_id":1,"segmentation":[[1,2,3,4]]},{"category_id":1},{"image_id":2,"category_id":1,"bbox":[1,2,3,3]}"#;
    let reading = read_coco(all, Format::Coco);
    assert_eq!(
        lines(&reading),
        [
            (1, "is no annotation"),
            (2, "there is no image with the id 77"),
            (3, "there is no category with the id 9"),
            (4, "class is empty"),
            (5, "bbox is missing or has not four numbers"),
            (6, "bbox is missing or has not four numbers"),
            (7, "the box ends before it begins"),
            (8, "the polygon has fewer than three points"),
            (9, "bbox is missing or has not four numbers"),
        ]
    );
    assert_eq!((reading.records.len(), reading.records[0].slide.as_deref()), (1, None));
}

#[test]
fn corners_are_told_from_sizes() {
    let row = |b: &str| format!(r#"{{"image_id":"one","category_id":1,"bbox":{b}}}"#);
    let midog = [row("[100,200,150,250]"), row("[1,2]"), row("[7000,9,7050,59]")].join(",");
    for format in [Format::Coco, Format::Midog] {
        let reading = read_coco(&midog, format);
        assert_eq!(reading.records[0].shape, spot(125.0, 225.0));
        assert_eq!(reading.records[1].shape, spot(7025.0, 34.0));
    }
    let sizes = [row("[100,200,150,250]"), row("[100,200,50,50]")].join(",");
    let reading = read_coco(&sizes, Format::Coco);
    assert_eq!(reading.records[0].shape, Shape::Rectangle(Rect::new(100.0, 200.0, 150.0, 250.0)));
    assert_eq!(read_coco(&row("[10,20,60,70]"), Format::Midog).records[0].shape, spot(35.0, 45.0));
}

#[test]
fn packed_files_are_read_and_bombs_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let text = b"x,y,class\n1,2,a\n";
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text).unwrap();
    let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bz.write_all(text).unwrap();
    for (name, bytes) in [("a.csv.gz", gz.finish().unwrap()), ("a.csv.bz2", bz.finish().unwrap())] {
        let path = folder.path().join(name);
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(read(&path, None).unwrap().records.len(), 1, "{name}");
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        let why = read(&path, None).unwrap_err().to_string();
        assert!(why.contains(name) && why.contains("unpacked"), "{why}");
    }
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..(LARGEST >> 20) + 1 {
        bomb.write_all(&[b','; 1 << 20]).unwrap();
    }
    let path = folder.path().join("bomb.csv.gz");
    std::fs::write(&path, bomb.finish().unwrap()).unwrap();
    assert!(read(&path, None).unwrap_err().to_string().contains("larger than"));
    assert!(read(folder.path(), None).unwrap_err().to_string().contains("not a file"));
}

#[test]
fn the_format_is_told_by_name_and_contents() {
    for (name, start, format) in [
        ("a.CSV", &b"{"[..], Format::Csv),
        ("a.csv.bz2", b"", Format::Csv),
        ("a.json", b" {\"images\": []", Format::Coco),
        ("a.json", b"{\"type\": \"FeatureCollection\"", Format::Geojson),
        ("a.geojson", b"", Format::Geojson),
        ("a.xml", b"<?xml?><ASAP_Annotations>", Format::Asap),
        ("a.xml", b"<Annotations>", Format::Imagescope),
        ("a.p.bz2", b"\x80\x04", Format::Pickle),
        ("labels", b"x,y,class", Format::Csv),
    ] {
        assert_eq!(guess(Path::new(name), start), format, "{name}");
    }
}

/// Good files, to be mutated.
const SEEDS: [&str; 4] = [
    "x,y,class,slide,rater,guid\n1,2,\"a \"\"b\"\"\",s.svs,R,g\n3.5,4e2,\"two\nlines\",s.svs,R,\n",
    "slide,x1,y1,x2,y2,cls,score\na.svs,324,8545,376,8597,0,0.68\n",
    r#"{"images":[{"id":1,"file_name":"a"}],"categories":[{"id":1,"name":"m"}],"annotations":[{"image_id":1,"category_id":1,"bbox":[1,2,50,50],"segmentation":[[0,0,9,0,9,9]]}]}"#,
    r#"{"images":[{"id":1,"file_name":"a"}],"categories":[{"id":1,"name":"m"}],"annotations":[{"image_id":1,"category_id":1,"bbox":[1,2,51,52]},[],{"bbox":{}}]}"#,
];

/// Whatever is taken is sound, and nothing ends in a panic.
fn sound(bytes: &[u8]) {
    for format in Format::ALL {
        let Ok(reading) = parse(bytes, format) else { continue };
        for row in &reading.records {
            let bounds = row.shape.bounds().unwrap();
            assert!(bounds.x.abs() <= FARTHEST && bounds.bottom().abs() <= FARTHEST, "{row:?}");
            assert!(!row.class.is_empty() && row.class.len() <= LONGEST_NAME, "{row:?}");
            assert!(row.slide.as_deref().is_none_or(|s| !s.is_empty() && s.len() <= LONGEST_NAME), "{row:?}");
        }
        assert!(reading.skipped.iter().all(|s| !s.reason.is_empty() && s.line > 0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn mutated_files_do_no_harm(
        seed in 0..SEEDS.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..8),
    ) {
        let mut bytes = SEEDS[seed].as_bytes().to_vec();
        for (at, byte, how) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                _ => { let part = bytes[at..].to_vec(); bytes.extend(part); }
            }
        }
        sound(&bytes);
    }

    #[test]
    fn random_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        sound(&bytes);
    }
}
