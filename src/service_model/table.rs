//! The file: an index by name, and a compressed block for each service.

use super::{Naming, Service, block};
use std::sync::OnceLock;

static TABLE: &[u8] = include_bytes!("table.bin");

const MAGIC: &str = "STEPWELL-SERVICES-3\n";

struct Entry {
    name: &'static str,
    prefix: &'static str,
    compressed: &'static [u8],
    size: usize,
    of_sdk: OnceLock<Service>,
    of_api: OnceLock<Service>,
}

/// The service with this name, as AWS's SDK for Java 2 names its members; unpacked at the first call.
pub fn find(name: &str) -> Option<&'static Service> {
    entry(name).map(|entry| entry.of_sdk.get_or_init(|| entry.read(Naming::OfSdk)))
}

/// The same as its API names its members.
pub(super) fn find_as_api(name: &str) -> Option<&'static Service> {
    entry(name).map(|entry| entry.of_api.get_or_init(|| entry.read(Naming::OfApi)))
}

fn entry(name: &str) -> Option<&'static Entry> {
    let entries = index();
    let place = entries.binary_search_by(|entry| entry.name.cmp(name)).ok()?;
    Some(&entries[place])
}

impl Entry {
    fn read(&self, naming: Naming) -> Service {
        block::read(self.name, self.prefix, naming, unpack(self.compressed, self.size))
    }
}

/// The names of all services, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    index().iter().map(|entry| entry.name)
}

fn index() -> &'static [Entry] {
    static INDEX: OnceLock<Vec<Entry>> = OnceLock::new();
    INDEX.get_or_init(|| entries().expect("the table is what generate.py makes"))
}

fn entries() -> Option<Vec<Entry>> {
    let end = TABLE.windows(2).position(|pair| pair == b"\n\n")?;
    let (index, blocks) = (std::str::from_utf8(&TABLE[..end]).ok()?, &TABLE[end + 2..]);
    let lines = index.strip_prefix(MAGIC)?.lines();
    lines
        .map(|line| {
            let mut words = line.split(' ');
            let (name, prefix) = (words.next()?, words.next()?);
            let mut number = || words.next()?.parse::<usize>().ok();
            let (offset, length, size) = (number()?, number()?, number()?);
            let compressed = blocks.get(offset..offset + length)?;
            Some(Entry { name, prefix, compressed, size, of_sdk: OnceLock::new(), of_api: OnceLock::new() })
        })
        .collect()
}

/// A block for good: a service is read once with each naming and kept until the program ends.
fn unpack(compressed: &[u8], size: usize) -> &'static [u8] {
    let block = miniz_oxide::inflate::decompress_to_vec_with_limit(compressed, size);
    Box::leak(block.expect("the table is what generate.py makes").into_boxed_slice())
}
