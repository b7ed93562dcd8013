//! Half a line at the end of a file, which a process left that died while it wrote.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom, Write as _},
    ops::Range,
};

use serde_core::de::IgnoredAny;

/// Whether there is something behind the last line break.
pub(super) fn is_torn(mut file: &File) -> io::Result<bool> {
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    Ok(last != [b'\n'])
}

/// Ends the last line of a file that nobody else uses: with a line break if only that is missing,
/// else by removing it.
pub(super) fn mend(mut file: &File, is_json: bool) -> io::Result<()> {
    let length = file.metadata()?.len();
    let Some(begin) = last_line(file, length)? else {
        return file.write_all(b"\n");
    };
    if is_blank(text(file, begin..length)?)? {
        return Ok(());
    }
    let json = text(file, begin..length)?;
    let is_whole = !is_json || serde_json::from_reader::<_, IgnoredAny>(json).is_ok();
    match is_whole {
        true => file.write_all(b"\n"),
        false => file.set_len(begin),
    }
}

/// The half line at the end of a file that others use, if nobody is about to complete it.
pub(super) fn torn_part(file: &File) -> io::Result<Option<Range<u64>>> {
    if !is_torn(file)? {
        return Ok(None);
    }
    let length = file.metadata()?.len();
    let Some(begin) = last_line(file, length)? else {
        return Ok(None);
    };
    wait_for_writers(file);
    // If it has not grown by then, nobody was writing.
    let is_left = file.metadata()?.len() == length && !is_blank(text(file, begin..length)?)?;
    Ok(is_left.then_some(begin..length))
}

/// Whoever writes has the file locked in the system. To set its owner waits for that, also for one who
/// may not; to what it is, changes nothing.
#[cfg(unix)]
fn wait_for_writers(file: &File) {
    let _ = rustix::fs::fchown(file, None, None);
}

#[cfg(not(unix))]
fn wait_for_writers(_: &File) {}

/// What stands there.
fn text(mut file: &File, part: Range<u64>) -> io::Result<impl BufRead> {
    file.seek(SeekFrom::Start(part.start))?;
    Ok(BufReader::new(file.take(part.end - part.start)))
}

fn is_blank(mut text: impl BufRead) -> io::Result<bool> {
    loop {
        let part = text.fill_buf()?;
        if part.is_empty() || part.iter().any(|byte| *byte != b' ') {
            return Ok(part.is_empty());
        }
        let count = part.len();
        text.consume(count);
    }
}

/// Where the last line begins, unless it is longer than any of ours.
fn last_line(mut file: &File, length: u64) -> io::Result<Option<u64>> {
    const STEP: u64 = 64 * 1024;
    const LONGEST: u64 = 64 * 1024 * 1024;
    let mut start = length;
    while start > 0 && length - start < LONGEST {
        let from = start.saturating_sub(STEP);
        let mut part = vec![0; usize::try_from(start - from).unwrap_or(0)];
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(&mut part)?;
        if let Some(at) = part.iter().rposition(|byte| *byte == b'\n') {
            return Ok(Some(from + at as u64 + 1));
        }
        start = from;
    }
    Ok((start == 0).then_some(0))
}
