//! `cargo bench -p sidelane-kernels --bench hash`. On one thread unless the name says pool.

use std::hint::black_box;
use std::sync::LazyLock;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sidelane_kernels::hash::{Algorithm, Params, digest, digest_with, hash_many};
use sidelane_kernels::{Threads, Uninterruptible};

/// The calling thread and another.
fn two() -> Threads<'static> {
    static POOL: LazyLock<rayon::ThreadPool> = LazyLock::new(|| {
        rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be started")
    });
    Threads::Pool { pool: &POOL, helpers: 1 }
}

fn one_message(c: &mut Criterion) {
    let cases = [
        (Algorithm::Sha256, 64),
        (Algorithm::Sha256, 1 << 10),
        (Algorithm::Sha256, 64 << 10),
        (Algorithm::Xxh3_64, 1 << 20),
        (Algorithm::Crc32, 1 << 20),
        (Algorithm::Crc32c, 1 << 20),
        (Algorithm::Crc64Nvme, 1 << 20),
    ];
    let mut group = c.benchmark_group("digest");
    for (algorithm, len) in cases {
        let data = vec![0x5a; len];
        group.throughput(Throughput::Bytes(len as u64));
        group.bench_function(format!("{algorithm}/{len}"), |b| {
            b.iter(|| digest(algorithm, &Params::default(), black_box(&data)));
        });
    }
    group.finish();
}

fn many_messages(c: &mut Criterion) {
    let mut group = c.benchmark_group("hash_many");
    let mut bench = |name: &str, lens: &[usize], threads: Threads<'_>| {
        let starts: Vec<usize> = lens
            .iter()
            .scan(0, |sum, len| {
                *sum += len;
                Some(*sum - len)
            })
            .collect();
        let data = vec![0x5a; lens.iter().sum()];
        let mut out = vec![0; lens.len() * 32];
        // So that the time per element is the time per message.
        group.throughput(Throughput::Elements(lens.len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| {
                let message = |i: usize| &data[starts[i]..][..lens[i]];
                let params = Params::default();
                hash_many(
                    Algorithm::Sha256,
                    &params,
                    lens.len(),
                    message,
                    &mut out,
                    &Uninterruptible,
                    threads,
                )
            });
        });
    };
    bench("sha256/64", &[64; 20_000], Threads::One);
    bench("sha256/64/pool", &[64; 20_000], two());
    bench("sha256/1024", &[1024; 4000], Threads::One);
    let mixed: Vec<usize> = (0..20_000).map(|i| i * 7919 % 300).collect();
    bench("sha256/0-299", &mixed, Threads::One);
    group.finish();
}

fn large_message(c: &mut Criterion) {
    let mut group = c.benchmark_group("blake3");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(64 << 20));
    for (name, threads) in [("64MiB", Threads::One), ("64MiB/pool", two())] {
        let data = vec![0x5a; 64 << 20];
        group.bench_function(name, |b| {
            b.iter_batched(
                || (),
                |()| digest_with(Algorithm::Blake3, &Params::default(), &data, &Uninterruptible, threads),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, one_message, many_messages, large_message);
criterion_main!(benches);
