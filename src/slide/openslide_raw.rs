//! Reading left of or above a slide, between two pixels of a level: OpenSlide takes any position, its Rust binding
//! none below 0.

#![expect(unsafe_code, reason = "calls of the C library, each with its proof")]

use super::Pixels;
use openslide_sys::sys;
use std::ffi::{CStr, CString};
use std::path::Path;
use std::ptr::NonNull;

/// A slide that the C library opened. Closed when it goes.
pub(super) struct Handle(NonNull<sys::openslide_t>);

// SAFETY: openslide.h promises that every function but `openslide_close` may be called from any thread; `drop`, which
// calls that one, has the handle for itself.
unsafe impl Send for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `openslide_open`, is closed here alone, and nobody else has the handle.
        unsafe { sys::openslide_close(self.0.as_ptr()) }
    }
}

impl Handle {
    /// Opens a slide.
    pub fn open(path: &Path) -> Result<Self, String> {
        let path = CString::new(bytes(path)?).map_err(|e| e.to_string())?;
        // SAFETY: the text ends in a zero and lives until the call returns.
        let opened = unsafe { sys::openslide_open(path.as_ptr()) };
        let handle = Self(NonNull::new(opened).ok_or("OpenSlide does not know it")?);
        handle.checked()?;
        Ok(handle)
    }

    /// A region as `SlideSource::region` has it. `w` times `h` is within the bound that the caller checked.
    pub fn region(&self, x: i64, y: i64, level: usize, w: u32, h: u32) -> Result<Pixels, String> {
        let level = i32::try_from(level).map_err(|e| e.to_string())?;
        let mut argb = vec![0_u32; w as usize * h as usize];
        // SAFETY: the buffer has the w * h pixels of 4 bytes that the function writes, and lives until it returns;
        // a level that does not exist writes zeros.
        unsafe {
            let (w, h) = (i64::from(w), i64::from(h));
            sys::openslide_read_region(self.0.as_ptr(), argb.as_mut_ptr(), x, y, level, w, h);
        }
        self.checked()?;
        let straight = |c: u32, a: u32| (c * 255).checked_div(a).unwrap_or(0).min(255) as u8;
        let rgba = argb.iter().flat_map(|p| {
            let [a, r, g, b] = [p >> 24, (p >> 16) & 255, (p >> 8) & 255, p & 255];
            [straight(r, a), straight(g, a), straight(b, a), a as u8]
        });
        Ok(Pixels { width: w, height: h, rgba: rgba.collect() })
    }

    /// An error sticks to the handle: what was read since is worth nothing.
    fn checked(&self) -> Result<(), String> {
        // SAFETY: the handle is open.
        let error = unsafe { sys::openslide_get_error(self.0.as_ptr()) };
        if error.is_null() {
            return Ok(());
        }
        // SAFETY: not null, so a text that ends in a zero and lives as long as the handle; it is copied at once.
        Err(unsafe { CStr::from_ptr(error) }.to_string_lossy().into_owned())
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere a path may have no bytes")]
fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok(path.as_os_str().as_bytes().to_vec())
}

#[cfg(not(unix))]
fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    path.to_str().map(|p| p.as_bytes().to_vec()).ok_or_else(|| "its name is no Unicode".into())
}
