use super::*;
use crate::app::parts::testing;
use crate::app::theme::Theme;
use egui_kittest::{Harness, kittest::Queryable as _};

fn rows() -> Vec<Row<'static>> {
    let row = |id, title, keys: &str, group, enabled| Row {
        id,
        title,
        keys: keys.to_owned(),
        group,
        enabled,
        help: "Shows the whole slide in the window.",
    };
    vec![
        row(10, "Open slide…", "Ctrl+O", "File", true),
        row(20, "Fit the slide into the window", "Home", "View", true),
        row(30, "Next field", "N, Space", "Screen", true),
        row(40, "Undo", "Ctrl+Z", "Labels", false),
        row(50, "Redo", "Ctrl+Shift+Z", "Labels", true),
        row(60, "Zoom in", "+", "View", true),
        row(70, "case-07.svs", "", "Recent slides", true),
        row(
            80,
            "A very long name of a file that some archive made and that is not to run into the keys.svs",
            "",
            "Recent slides",
            true,
        ),
    ]
}

fn window() -> Harness<'static, (Palette, Vec<usize>)> {
    let mut palette = Palette::default();
    palette.open();
    let mut window = testing::window([900.0, 600.0], Theme::Dark).build_ui_state(
        |ui, (palette, chosen): &mut (Palette, Vec<usize>)| chosen.extend(palette.show(ui.ctx(), &rows())),
        (palette, Vec::new()),
    );
    window.run();
    window
}

fn typed(letters: &str) -> Harness<'static, (Palette, Vec<usize>)> {
    let mut window = window();
    window.get_by_label("Search commands").type_text(letters);
    window.run();
    window
}

#[test]
fn few_letters_find_and_enter_chooses() {
    let mut window = typed("fitsl");
    window.key_press(Key::Enter);
    window.run();
    assert_eq!(window.state().1, [20]);
    assert!(!window.state().0.is_open());
}

#[test]
fn arrows_go_round_and_escape_closes() {
    let mut up = window();
    for key in [Key::ArrowDown, Key::ArrowDown, Key::Enter] {
        up.key_press(key);
        up.run();
    }
    assert_eq!(up.state().1, [30]);

    let mut round = window();
    for key in [Key::ArrowUp, Key::Enter] {
        round.key_press(key);
        round.run();
    }
    assert_eq!(round.state().1, [80]);

    let mut closed = window();
    closed.key_press(Key::Escape);
    closed.run();
    assert!(closed.state().1.is_empty() && !closed.state().0.is_open());
}

#[test]
fn the_mouse_chooses_and_what_is_not_possible_is_not_chosen() {
    let mut window = window();
    window.get_by_label("Undo").click();
    window.run();
    assert!(window.state().1.is_empty() && window.state().0.is_open());
    window.get_by_label("Next field").click();
    window.run();
    assert_eq!(window.state().1, [30]);
}

#[test]
fn enter_on_what_is_not_possible_keeps_it_open() {
    let mut window = typed("undo");
    window.key_press(Key::Enter);
    window.run();
    assert!(window.state().1.is_empty() && window.state().0.is_open());
}

#[test]
fn the_order_is_that_of_the_rows_until_letters_are_typed() {
    let mut palette = Palette::default();
    let rows = rows();
    assert_eq!(palette.matches("", &rows), (0..rows.len()).collect::<Vec<_>>());
    assert_eq!(palette.matches("do", &rows)[0], 4, "what can be done comes first");
    assert_eq!(palette.matches("CASE", &rows)[0], 6);
    assert_eq!(palette.matches("slide", &rows)[0], 0, "a title counts more than a group");
    assert_eq!(palette.matches("view zoom", &rows), [5]);
    assert!(palette.matches("qqqq", &rows).is_empty());
    assert!(palette.matches("!^$'", &rows).is_empty(), "no letter has a meaning of its own");
}

#[test]
fn pictures() {
    for (name, query) in [("palette", ""), ("palette-typed", "slide"), ("palette-none", "qqq")] {
        let mut palette = Palette::default();
        let mut opened = false;
        testing::pictures(name, [900.0, 520.0], |ui| {
            if !opened || !palette.is_open() {
                palette.open();
                palette.query = query.to_owned();
                opened = true;
            }
            palette.show(ui.ctx(), &rows());
        });
    }
}
