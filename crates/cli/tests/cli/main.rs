//! The binary, run as people run it.

#[cfg(test)]
mod as_printed;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod blast_radius;
#[cfg(test)]
mod chart;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod example;
#[cfg(test)]
mod exit_codes;
#[cfg(test)]
mod hostile;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod lab;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod support;
#[cfg(test)]
mod transcripts;
#[cfg(test)]
mod validators;
#[cfg(test)]
mod verify;
