//! Records in a file that is mapped into memory (feature `mmap`): a building block for sinks of your
//! own, not a sink.
//!
//! An append copies its bytes into memory and is done: there is no system call that writes, and still
//! the record outlives the process. On Linux, macOS, Android and FreeBSD, with 64 bits.
//!
//! ```
//! use fapilog_core::mmap::{MemoryMappedPersistence, MemoryMappedReader, MmapError};
//!
//! # let folder = std::env::temp_dir().join(format!("fapilog-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder).unwrap();
//! # let path = folder.join("orders");
//! let mut orders = MemoryMappedPersistence::open(&path)?;
//! orders.append(b"tea")?;
//! orders.append_batch(&["cups", "milk"])?;
//! orders.close()?;
//!
//! let read: Result<Vec<_>, _> = MemoryMappedReader::open(&path)?.collect();
//! assert_eq!(read?, ["tea", "cups", "milk"].map(Vec::from));
//! # std::fs::remove_dir_all(folder).unwrap();
//! # Ok::<(), MmapError>(())
//! ```
//!
//! [`MemoryMappedPersistence::options`] says how a file is made, grows, and reaches the disk.
//!
//! # What stands in the file
//!
//! A header of 64 bytes, then records, up to a length that the header names: an append writes its
//! record behind it and then stores the new length, at once. While the file is open, the space
//! reserved for more follows, as NUL bytes; [`close`](MemoryMappedPersistence::close) cuts it off.
//!
//! In [`MmapMode::Framed`], a record is any bytes, with a length and checksums. In
//! [`MmapMode::Lines`] it is a line, and so is the header:
//!
//! ```text
//! {"fapilog_mmap":1, "committed":"0000005b","open":0}
//! {"message":"order placed"}
//! ```
//!
//! # What is promised
//!
//! | | |
//! |---|---|
//! | the process is killed, or crashes | what was appended stays, and nothing is torn; the next who opens the file goes on behind it |
//! | a loss of power | what was on the disk stays: see [`MmapSync`]. What of the rest is sound stays too, and [`Recovery`] tells what is not |
//! | a full disk, or `max_size` | the append fails and changes nothing; later ones work once there is room. Space is reserved before it is used, so a full disk never ends the process |
//! | a bit that flips | framed, its record is an error, and all others are read; in lines, nobody can tell |
//! | two who append | the second is refused, in the same process too |
//! | a reader beside | reads what is committed, and may wait for more |
//! | a forked child | is refused, and closes nothing; the file stays its parent's |
//!
//! What lies in the file is as secret as what was appended: a new one has the permissions 0640.
//!
//! # What is not
//!
//! The lock is for those who ask for it. **Nobody else may cut the file while it is open**: each
//! append looks at its length before, and fails if it was cut, but where that happens between the
//! look and the copy, the system ends the process (SIGBUS). The same is true of a disk that cannot
//! read the file any more, and of file systems that reserve space without keeping it, as those do
//! that copy on write and are out of space (btrfs, ZFS); one that cannot reserve any is refused.
//! Network file systems may not know the lock.

mod error;
mod file;
mod header;
mod map;
mod opening;
mod options;
mod persistence;
mod reader;
mod record;
mod recovery;
mod scan;

pub use self::{
    error::MmapError,
    options::{MmapMode, MmapOptions, MmapSync},
    persistence::MemoryMappedPersistence,
    reader::MemoryMappedReader,
    recovery::Recovery,
};
