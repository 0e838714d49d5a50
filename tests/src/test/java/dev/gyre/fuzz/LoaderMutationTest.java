package dev.gyre.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Damage without a fuzzer, the same every time: the seeds of the fuzz test cut off anywhere, and changed anywhere. */
class LoaderMutationTest {

    private static final int[] BYTES = {0, 0x80, 0xff, '9'};

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void wholeCutOffAndChangedFiles(Loaders loader) throws IOException, URISyntaxException {
        List<byte[]> seeds = seeds(loader);
        assertFalse(seeds.isEmpty());
        for (byte[] seed : seeds) {
            check(loader, seed);
            for (int length = 0; length < seed.length; length++) {
                check(loader, Arrays.copyOf(seed, length));
            }
            for (int i = 0; i < seed.length; i++) {
                for (int b : BYTES) {
                    byte[] changed = seed.clone();
                    changed[i] = (byte) b;
                    check(loader, changed);
                }
            }
        }
    }

    /** Several changes at once: pieces doubled, taken out, replaced by noise or by pieces of another seed. */
    @ParameterizedTest
    @EnumSource
    void mixedFiles(Loaders loader) throws IOException, URISyntaxException {
        List<byte[]> seeds = seeds(loader);
        SplittableRandom random = new SplittableRandom(loader.ordinal());
        for (int i = 0; i < 1000; i++) {
            byte[] file = seeds.get(random.nextInt(seeds.size()));
            for (int change = random.nextInt(4); change >= 0; change--) {
                file = mixed(file, seeds.get(random.nextInt(seeds.size())), random);
            }
            check(loader, file);
        }
    }

    private static byte[] mixed(byte[] file, byte[] other, SplittableRandom random) {
        int from = random.nextInt(file.length + 1);
        int to = Math.min(file.length, from + random.nextInt(9));
        int start = random.nextInt(other.length + 1);
        byte[] piece = switch (random.nextInt(4)) {
            case 0 -> new byte[0];
            case 1 -> Arrays.copyOfRange(other, start, Math.min(other.length, start + random.nextInt(40)));
            case 2 -> Arrays.copyOfRange(file, from, to);
            default -> noise(random);
        };
        byte[] mixed = new byte[from + piece.length + file.length - to];
        System.arraycopy(file, 0, mixed, 0, from);
        System.arraycopy(piece, 0, mixed, from, piece.length);
        System.arraycopy(file, to, mixed, from + piece.length, file.length - to);
        return mixed;
    }

    private static byte[] noise(SplittableRandom random) {
        byte[] noise = new byte[random.nextInt(9)];
        random.nextBytes(noise);
        return noise;
    }

    /** Says which bytes it was. */
    private void check(Loaders loader, byte[] bytes) {
        try {
            loader.check(folder, bytes);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(
                    loader + " with " + java.util.HexFormat.of().formatHex(bytes) + ": " + e, e);
        }
    }

    private static List<byte[]> seeds(Loaders loader) throws IOException, URISyntaxException {
        Path inputs = Path.of(LoaderMutationTest.class
                .getResource("LoaderFuzzTestInputs/loaders")
                .toURI());
        try (Stream<Path> files = Files.list(inputs)) {
            return files.sorted()
                    .map(LoaderMutationTest::bytes)
                    .filter(b -> Loaders.chosenBy(b) == loader)
                    .map(b -> Arrays.copyOfRange(b, 1, b.length))
                    .toList();
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
