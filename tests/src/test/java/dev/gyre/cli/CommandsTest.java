package dev.gyre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.backend.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class CommandsTest {

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"", "translate", "check", "inspect", "devices", "tune"})
    void helpOnEverything(String command) {
        Outcome outcome = (command.isEmpty() ? Outcome.of("--help") : Outcome.of(command, "--help")).quiet();
        assertTrue(outcome.out().startsWith("Usage: gyre" + (command.isEmpty() ? "" : " " + command)), outcome.out());
    }

    @Test
    void theVersion() {
        String first = Outcome.of("--version").quiet().lines().getFirst();
        assertTrue(first.matches("gyre \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?"), first);
    }

    @Test
    void devicesAndTheBestOfThem() {
        Outcome outcome = Outcome.of("devices").quiet();
        assertTrue(outcome.lines().stream().anyMatch(l -> l.startsWith("cpu:0: ")), outcome.out());
        assertTrue(outcome.lines().getLast().startsWith("auto: takes "), outcome.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"marian", "vaswani"})
    void aCasePasses(String name) {
        Outcome outcome = Outcome.of("check", Place.golden(name).toString(), "--device", "cpu")
                .quiet();
        assertEquals("PASS", outcome.lines().getLast());
        assertTrue(outcome.out().contains("encoder_last_hidden_state"), outcome.out());
    }

    /** What multiplies is another, so that the last digits of the errors are. */
    @Test
    void aSettingBehindTheDeviceForcesAUnit() {
        assumeTrue(
                Backends.all().stream()
                        .anyMatch(b -> b.name().equals("opencl") && !b.devices().isEmpty()),
                "skipped: no OpenCL device");
        String emulated = check("emulated-mma").quiet().out();
        String usual = check("fma").quiet().out();
        assertTrue(emulated.endsWith("PASS\n") && usual.endsWith("PASS\n"), emulated + usual);
        assertNotEquals(usual, emulated);
        check("nix").mistake("opencl.float16", "nix");
    }

    private static Outcome check(String unit) {
        return Outcome.of(
                "check",
                Place.golden("marian").toString(),
                "--device",
                "opencl?opencl.float16=" + unit,
                "--kernels",
                "gpu",
                "--compute-type",
                "float16");
    }

    @Test
    void aCaseWithOtherExpectationsFails() throws IOException {
        Path other = copy("marian");
        Path expected = other.resolve("expected.json");
        String json = Files.readString(expected);
        int at = json.indexOf("\"sequences\"");
        String changed =
                json.substring(0, at) + json.substring(at).replaceFirst("(\\[\\s*\\[\\s*\\d+,\\s*)\\d+", "$17");
        assertFalse(changed.equals(json));
        Files.writeString(expected, changed);
        Outcome outcome =
                Outcome.of("check", other.toString(), Place.golden("vaswani").toString(), "--device", "cpu");
        assertEquals(ExitCode.CHECK_FAILED, outcome.code());
        outcome.complaint("1 of 2 cases fail");
        assertEquals(1, outcome.lines().stream().filter("FAIL"::equals).count());
        assertEquals(1, outcome.lines().stream().filter("PASS"::equals).count());
    }

    @Test
    void anUnknownOptionOrFileFails() throws IOException {
        Path option = copy("marian");
        Path expected = option.resolve("expected.json");
        Files.writeString(
                expected, Files.readString(expected).replaceFirst("\"options\":\\s*\\{", "$0\"dance\": true, "));
        Outcome outcome = Outcome.of("check", option.toString(), "--device", "cpu");
        assertEquals(ExitCode.CHECK_FAILED, outcome.code(), outcome.err());
        assertTrue(outcome.out().contains("dance"), outcome.out());
        Path file = copy("vaswani");
        Files.writeString(file.resolve("more.bin"), "x");
        assertEquals(
                ExitCode.CHECK_FAILED,
                Outcome.of("check", file.toString(), "--device", "cpu").code());
    }

    private Path copy(String name) throws IOException {
        Path copy = Files.createDirectory(folder.resolve(name));
        try (Stream<Path> files = Files.list(Place.golden(name))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    @Test
    void whatAModelIs() {
        String text = Outcome.of("inspect", Place.model()).quiet().out();
        for (String part : List.of("marian", "d_model 256", "8,375,617", "F16", "weights", "caches", "graph decode")) {
            assertTrue(text.contains(part), () -> part + " is not in " + text);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "text,graph encode,graph decode",
        "dot,digraph \"encode\",digraph \"decode\"",
        "mermaid,flowchart TD,SelectTop"
    })
    void graphs(String format, String encode, String decode) {
        String text =
                Outcome.of("inspect", Place.model(), "--graph", format).quiet().out();
        assertTrue(text.startsWith(encode), text);
        assertTrue(text.contains(decode), text);
        String only = Outcome.of("inspect", Place.model(), "--graph", format, "--only", "decode")
                .quiet()
                .out();
        assertTrue(text.endsWith(only));
        String recorded = Outcome.of("inspect", Place.model(), "--graph", format, "--recorded")
                .quiet()
                .out();
        assertTrue(recorded.length() > text.length(), "fusion leaves fewer operations");
    }
}
