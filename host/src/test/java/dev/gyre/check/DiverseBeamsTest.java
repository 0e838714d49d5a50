package dev.gyre.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.DeviceOptions;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Diverse beams against what {@code BeamSearchScorer} of transformers 4.57.6 found with the models of the golden cases; the
 * library's version 5 has no code for them.
 */
class DiverseBeamsTest {

    @ParameterizedTest
    @ValueSource(strings = {"marian", "mbart", "t5", "gpt2"})
    void findsWhatTheReferenceFound(String name, @TempDir Path folder) throws IOException, URISyntaxException {
        try (Stream<Path> files = Files.list(resource("/goldens/" + name))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName().toString()));
            }
        }
        Path expected = folder.resolve("expected.json");
        Files.delete(expected);
        Files.copy(resource("/groups/" + name + ".json"), expected);
        CheckResult result = Check.run(folder, "cpu", DeviceOptions.DEFAULTS);
        assertEquals(List.of(), result.problems());
        assertTrue(result.passed(), () -> result.toString().replace(", sequence", ",\n sequence"));
        assertTrue(result.sequences().of() >= 60, result::toString);
    }

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(
                Objects.requireNonNull(DiverseBeamsTest.class.getResource(name)).toURI());
    }
}
