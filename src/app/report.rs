//! What the headless tour leaves: pictures, a page, and its figures as JSON.

use crate::model::Rect;
use crate::slide::Pixels;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Serialize;
use std::io::Write as _;
use std::path::Path;

const STYLE: &str = "
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #f4f4f2; margin: 0 auto; max-width: 1000px; padding: 32px }
h1 { font-size: 28px; margin: 0 0 8px } h2 { font-size: 17px; margin: 32px 0 8px }
table { border-collapse: collapse } td, th { text-align: left; padding: 4px 24px 4px 0; border-bottom: 1px solid #cfcfcf; font-variant-numeric: tabular-nums }
img { width: 100%; border: 1px solid #cfcfcf } figure { margin: 16px 0 } figcaption { color: #676766 }
code { background: #e4e4e4; padding: 2px 5px } .big { font-size: 44px; font-weight: 600 }";

/// A picture of the tour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its file's name.
    pub file: String,
    /// What it shows.
    pub words: String,
}

/// What the tour came to. All of it can be computed again from the document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// The slide's file.
    pub slide: String,
    /// The document's file.
    pub database: String,
    /// Who labelled.
    pub rater: String,
    /// Fields of the plan.
    pub fields: usize,
    /// Fields that were seen.
    pub fields_seen: usize,
    /// Tissue of the slide, in mm2.
    pub tissue_mm2: f64,
    /// Objects whose agreed class is the mitotic figure.
    pub mitotic: usize,
    /// Objects whose agreed class is the look-alike.
    pub look_alikes: usize,
    /// Mitotic figures that the slide was made with.
    pub truth_mitotic: usize,
    /// Look-alikes that the slide was made with.
    pub truth_look_alikes: usize,
    /// The most mitotic figures in 2.37 mm2.
    pub count: u32,
    /// Exact 95 % interval of the expected count.
    pub interval: (f64, f64),
    /// Where the count's rectangle lies, in level-0 pixels.
    pub rect: Rect,
}

/// Writes pictures, `report.html` and `report.json` into `folder`.
///
/// # Errors
/// One sentence when a file can't be written.
pub fn write(folder: &Path, figures: &Figures, pictures: &[(Picture, Pixels)]) -> Result<(), String> {
    for (picture, pixels) in pictures {
        let image = image::RgbaImage::from_raw(pixels.width, pixels.height, pixels.rgba.clone());
        let mut png = std::io::Cursor::new(Vec::new());
        image
            .ok_or_else(|| "a picture has not the size it says".to_owned())?
            .write_to(&mut png, image::ImageFormat::Png)
            .map_err(|e| format!("{}: can't be encoded ({e})", picture.file))?;
        whole(&folder.join(&picture.file), &png.into_inner())?;
    }
    let json = serde_json::to_vec_pretty(figures).map_err(|e| e.to_string())?;
    whole(&folder.join("report.json"), &json)?;
    let names: Vec<&Picture> = pictures.iter().map(|(p, _)| p).collect();
    whole(&folder.join("report.html"), page(figures, &names).into_string().as_bytes())
}

/// Writes a file whole or not at all.
fn whole(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let wrong = |e: &std::io::Error| {
        format!("{}: can't be written ({e}); check the folder and its free space", path.display())
    };
    let mut file = crate::files::beside(path).map_err(|e| wrong(&e))?;
    file.write_all(bytes).map_err(|e| wrong(&e))?;
    file.persist(path).map_err(|e| wrong(&e.error))?;
    Ok(())
}

fn page(f: &Figures, pictures: &[&Picture]) -> Markup {
    let (low, high) = f.interval;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "Mitoscope: the tour" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "The tour on the demo slide" }
                p {
                    "An artificial slide with known cells was opened, screened field by field, labelled at the places \
                     of its truth, and counted, by the same actions as in the window."
                }
                p.big { "MC " (f.count) }
                p { "mitotic figures in the densest 2.37 mm² (10 HPF), 95 % interval " (format!("{low:.1} to {high:.1}")) }
                h2 { "Figures" }
                table {
                    tr { th { "" } th { "labelled" } th { "made into the slide" } }
                    tr { td { "Mitotic figures" } td { (f.mitotic) } td { (f.truth_mitotic) } }
                    tr { td { "Non-mitotic look-alikes" } td { (f.look_alikes) } td { (f.truth_look_alikes) } }
                    tr { td { "Fields seen" } td { (f.fields_seen) " of " (f.fields) } td {} }
                    tr { td { "Tissue" } td { (format!("{:.2} mm²", f.tissue_mm2)) } td {} }
                }
                h2 { "The same from the command line" }
                p { code { "mitoscope count " (f.database) " --slide " (f.slide) } }
                p { code { "mitoscope screen status " (f.database) } }
                p { code { "mitoscope view " (f.slide) " --db " (f.database) } }
                h2 { "Pictures" }
                @for picture in pictures {
                    figure {
                        img src=(picture.file) alt=(picture.words);
                        figcaption { (picture.words) }
                    }
                }
                p { "Mitoscope " (env!("CARGO_PKG_VERSION")) ". It informs; it does not diagnose." }
            }
        }
    }
}
