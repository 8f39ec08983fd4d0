//! A study: how well raters agree.

pub mod agreement;
