//! How well raters agree, with each other and with themselves.
//!
//! Pure functions of values. [`table`] holds who judged what; [`kappa`] and [`alpha`] are the statistics, each a
//! function of whole counts, so that a resampled document costs as much as it has slides ([`bootstrap`]); [`report`]
//! puts all of it together, [`selection`] says who was asked about disputed objects alone; [`mod@repeats`] and
//! [`mod@drift`] look at one rater over time.

pub mod alpha;
pub mod bootstrap;
pub mod drift;
pub mod kappa;
pub mod repeats;
pub mod report;
pub mod selection;
pub mod table;

pub use bootstrap::{Interval, Resampling, Unit};
pub use drift::{Call, Drift, Share, Trend, drift};
pub use kappa::Confusion;
pub use repeats::{Repeat, repeats};
pub use report::{Agreement, ClassAgreement, Figures, Pair, Part, agreement};
pub use selection::{Selection, selections};
pub use table::{Judged, Table};
