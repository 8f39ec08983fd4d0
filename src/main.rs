//! The program: logs, crash reports, and the command line.

fn main() -> std::process::ExitCode {
    mitoscope::cli::main()
}
