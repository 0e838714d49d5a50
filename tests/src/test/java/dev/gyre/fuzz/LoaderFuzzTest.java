package dev.gyre.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The loaders under Jazzer, which sees what the bytes it tries make the code do. Runs in Maven's phase
 * {@code integration-test}, about ten seconds per loader; what it finds is written to {@code target/jazzer}.
 */
class LoaderFuzzTest {

    private static Path folder;

    @BeforeAll
    static void makeFolder() throws IOException {
        folder = Files.createTempDirectory("gyre-fuzz");
    }

    /** One test for all loaders, as Jazzer fuzzes one per JVM and is slow to start. */
    @FuzzTest(maxDuration = "40s")
    void loaders(byte[] input) {
        byte[] bytes = Arrays.copyOfRange(input, Math.min(1, input.length), input.length);
        Loaders.chosenBy(input).check(folder, bytes);
    }

    @AfterAll
    static void removeFolder() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
