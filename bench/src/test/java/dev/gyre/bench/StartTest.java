package dev.gyre.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gyre.backend.Backends;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The form of what is printed, and what is said about a process that fails; no time is looked at. */
class StartTest {

    private static Start start(String... arguments) {
        Start start = new Start();
        new CommandLine(start).parseArgs(arguments);
        return start;
    }

    @Test
    void theMiddleOfRounds() {
        Start.Figures odd = new Start.Figures(List.of(3.0, 1.0, 2.0), 0.5);
        assertEquals(2, odd.median());
        assertEquals(1.5, new Start.Figures(List.of(2.0, 1.0), 0.5).median());
        assertEquals(
                "| opencl:0 | float32 | warm | 3 | 2.00 | 1.00 | 3.00 | 0.5 |",
                start("--format", "markdown").line(odd, Optional.empty()));
        assertEquals(1, start().line(odd, Optional.empty()).lines().count());
    }

    @Test
    void jsonHasNumbers() throws Exception {
        JsonNode object = new ObjectMapper()
                .readTree(start("--format", "jsonl", "--cold", "--device", "cpu")
                        .line(new Start.Figures(List.of(1.0), 0.5), Optional.empty()));
        assertEquals("cold", object.path("caches").asText());
        assertEquals("cpu", object.path("device").asText());
        assertEquals(1, object.path("median").asDouble());
        assertEquals("models/en-de", object.path("model").asText());
        assertEquals("auto", object.path("tune").asText());
        assertEquals(Runtime.version().toString(), object.path("jdk").asText());
    }

    @Test
    void jsonHasTheConditionsOfTheProcesses() throws Exception {
        try (Device device = Backends.named("cpu").open(0, DeviceOptions.DEFAULTS.withThreads(1))) {
            JsonNode object = new ObjectMapper()
                    .readTree(start("--format", "jsonl", "--device", "cpu", "--compute-type", "auto")
                            .line(
                                    new Start.Figures(List.of(1.0), 0.5),
                                    Optional.of(Conditions.of("cpu", device, "off", 0.5, true))));
            assertEquals("float32", object.path("type").asText());
            assertEquals("off", object.path("tune").asText());
            assertEquals("built-in", object.path("tuning").asText());
            assertEquals(1, object.path("threads").asInt());
        }
    }

    @Test
    void mistakesAreSaid(@TempDir Path folder) {
        assertThrows(
                IllegalArgumentException.class, () -> start("--rounds", "0").call());
        assertThrows(
                IllegalArgumentException.class, () -> start("--format", "xml").call());
        assertThrows(IllegalArgumentException.class, () -> Start.home(folder.toString()));
        assertThrows(IllegalArgumentException.class, () -> Start.home(null));
    }

    @Test
    void aProcessThatFailsIsAMistakeWithItsLastLine() throws Exception {
        assertTrue(Start.firstLine(List.of("sh", "-c", "echo a; echo b"), Map.of()) > 0);
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> Start.firstLine(
                                List.of("sh", "-c", "echo some; echo \"gyre: $WHY\" >&2; exit 2"),
                                Map.of("WHY", "no such device")))
                .getMessage();
        assertTrue(message.endsWith("ended with 2: no such device"), message);
    }
}
