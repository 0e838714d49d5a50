package dev.gyre.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gyre.backend.Backends;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.TuningOrigin;
import dev.gyre.transformer.ModelShape;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is printed of a tiny model, and what is said about mistakes; no time is looked at. */
@Timeout(300)
class ModelTest {

    private static final Map<String, String> TINY = Map.of(
            "--shape", "1,32,2,64,100",
            "--sentences", "4",
            "--batch", "2",
            "--new-tokens", "3",
            "--rounds", "2");

    private record Outcome(int code, String out, String err) {

        static Outcome of(List<String> arguments) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int code = Bench.run(
                    arguments.toArray(String[]::new),
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8));
            return new Outcome(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        }

        List<String> lines() {
            assertEquals(0, code, err);
            return out.lines().toList();
        }
    }

    /** {@code gyre bench model} of the tiny model, unless an option is among those that are given. */
    private static Outcome model(String... options) {
        List<String> arguments = new ArrayList<>(List.of("model"));
        TINY.forEach((name, value) -> {
            if (!Arrays.asList(options).contains(name)) {
                arguments.addAll(List.of(name, value));
            }
        });
        arguments.addAll(List.of(options));
        return Outcome.of(arguments);
    }

    @Test
    void textHasALineForEachDevice() {
        List<String> lines = model("--device", "cpu,reference", "--beams", "2").lines();
        assertEquals(2, lines.size());
        String form = " +float32 +1,32,2,64,100  batch 2  beams 2  \\d+ target tokens/s \\(best \\d+, worst \\d+\\),"
                + " host \\d+\\.\\d %, peak (\\d+|-) MiB, tuning built-in";
        assertTrue(lines.getFirst().matches("cpu" + form), lines.getFirst());
        assertTrue(lines.getLast().matches("reference" + form), lines.getLast());
        assertTrue(lines.getLast().contains("peak - MiB"), "the peak is that of both");
    }

    @Test
    void markdownIsATable() {
        List<String> lines = model("--format", "markdown").lines();
        assertEquals(3, lines.size());
        for (String line : lines) {
            assertEquals(11, line.chars().filter(c -> c == '|').count() - 1, line);
        }
        assertTrue(lines.getLast().startsWith("| cpu | float32 | 1,32,2,64,100 | 2 | 1 | "), lines.getLast());
        assertTrue(lines.getLast().endsWith(" | built-in |"), lines.getLast());
    }

    @Test
    void recordsHaveTheirConditions() throws Exception {
        List<String> lines = model(
                        "--format", "jsonl", "--device", "cpu,cpu", "--threads", "1", "--scores", "--tune", "off")
                .lines();
        JsonNode first = new ObjectMapper().readTree(lines.getFirst());
        Map<String, String> expected = Map.ofEntries(
                Map.entry("device", "cpu"),
                Map.entry("type", "float32"),
                Map.entry("shape", "1,32,2,64,100"),
                Map.entry("sentences", "4"),
                Map.entry("batch", "2"),
                Map.entry("beams", "1"),
                Map.entry("new_tokens", "3"),
                Map.entry("rounds", "2"),
                Map.entry("threads", "1"),
                Map.entry("scores", "true"),
                Map.entry("tune", "off"),
                Map.entry("tuning", "built-in"),
                Map.entry("weights_seed", "7"),
                Map.entry("sources_seed", "3"),
                Map.entry("jdk", Runtime.version().toString()));
        expected.forEach((name, value) -> assertEquals(value, first.path(name).asText(), name));
        for (String name : List.of("gyre", "name", "driver", "load", "host_share", "peak_mib")) {
            assertTrue(first.has(name), name);
        }
        assertTrue(first.get("worst").asDouble() > 0);
        assertTrue(first.get("median").asDouble() >= first.get("worst").asDouble());
        assertTrue(first.get("best").asDouble() >= first.get("median").asDouble());
        JsonNode second = new ObjectMapper().readTree(lines.getLast());
        assertTrue(second.get("peak_mib").isNull(), "the peak is that of both");
    }

    /** Up to where the positions end, and not further. */
    @Test
    void theLongestTarget() {
        ModelShape shape = ModelShape.parse("1,32,2,64,100");
        int most = shape.transformer().maxTarget() - 1;
        assertThrows(IllegalArgumentException.class, () -> new ModelRun(shape, 1, 1, 1, most + 1, false, 1));
        try (Device device = Backends.named("cpu").open(0, DeviceOptions.DEFAULTS)) {
            assertTrue(new ModelRun(shape, 1, 1, 2, most, false, 1).on(device).worst() > 0);
        }
    }

    @Test
    void whichTuningIsMeantForPeople() throws Exception {
        try (Device device = Backends.named("cpu").open(0, DeviceOptions.DEFAULTS)) {
            Conditions none = Conditions.of("cpu", device, "off", -1, true);
            assertEquals("built-in (--tune off)", none.tuningText());
            assertTrue(none.json().get("load").isNull());
            assertFalse(none.json().has("tuning_file"));
            Conditions file = new Conditions(
                    "cpu",
                    device.description(),
                    ComputeType.FLOAT32,
                    2,
                    "auto",
                    new TuningOrigin(TuningOrigin.Kind.FILE, "a.json"),
                    0.5,
                    true);
            assertEquals("file a.json", file.tuningText());
            assertEquals("a.json", file.json().get("tuning_file").asText());
        }
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments("--shape 1,2,3", "five numbers"),
                arguments("--shape nix", "base, big"),
                arguments("--shape 1,33,2,64,100", "the heads 2 must divide the width 33"),
                arguments("--shape 6,100000,2,400000,100", "more elements than a Java array"),
                arguments("--batch 0", "--batch"),
                arguments("--batch 5", "--batch is 5, but there are only 4 sentences"),
                arguments("--sentences 0", "--sentences"),
                arguments("--beams 0", "--beams"),
                arguments("--beams 2000", "num_beams"),
                arguments("--beams x", "'x'"),
                arguments("--new-tokens 0", "--new-tokens"),
                arguments("--new-tokens 256", "positions for 255"),
                arguments("--rounds 0", "--rounds"),
                arguments("--threads -1", "--threads"),
                arguments("--format xml", "--format"),
                arguments("--compute-type int4", "int4"),
                arguments("--compute-type int8", "cpu does not compute in int8"),
                arguments("--tune /nowhere", "there is no file \"/nowhere\""),
                arguments("--device cpu:7", "7"),
                arguments("--device nix", "there is no backend \"nix\""),
                arguments("--device cpu:x", "\"cpu:x\" is not a device"),
                arguments("--device cpu?a", "\"a\" is no setting"),
                arguments("--nix", "--nix"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void aMistakeIsOneLine(String option, String said) {
        Outcome outcome = model(option.split(" "));
        assertEquals(2, outcome.code(), outcome.err());
        assertEquals("", outcome.out());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().startsWith("gyre: ") && outcome.err().contains(said), outcome.err());
    }

    @Test
    void aMissingCommandIsAMistakeAndHelpIsNot() {
        assertEquals(2, Outcome.of(List.of()).code());
        assertEquals(2, Outcome.of(List.of("nix")).code());
        for (String command : List.of("model", "ops", "start")) {
            Outcome help = Outcome.of(List.of(command, "--help"));
            assertEquals(0, help.code(), help.err());
            assertTrue(help.out().startsWith("Usage: gyre bench " + command), help.out());
            assertTrue(help.out().contains("--tune"), help.out());
            assertNotEquals("", Outcome.of(List.of(command, "--version")).out());
        }
    }
}
