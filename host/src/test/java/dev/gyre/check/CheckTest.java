package dev.gyre.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Backends;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.weights.ModelFormatException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CheckTest {

    @TempDir
    private Path folder;

    static Stream<Arguments> cases() {
        return Stream.of("reference", "cpu", "opencl")
                .flatMap(d -> Stream.of("marian", "vaswani", "marian-options").map(c -> Arguments.of(c, d)));
    }

    static Path golden(String name) {
        try {
            return Path.of(Objects.requireNonNull(CheckTest.class.getResource("/goldens/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest(name = "{0} on {1}")
    @MethodSource("cases")
    void agreesWithHuggingFace(String name, String device) {
        Assumptions.assumeTrue(
                Backends.all().stream()
                        .anyMatch(b ->
                                b.name().equals(device) && b.devices().stream().anyMatch(d -> d.usable())),
                "there is no device of backend " + device);
        CheckResult result = Check.run(golden(name), device, DeviceOptions.DEFAULTS);
        assertTrue(result.passed(), result.toString());
        int sequences = name.equals("vaswani") ? 4 : name.equals("marian") ? 56 : 1144;
        assertEquals(new CheckResult.Agreement(sequences, sequences), result.sequences());
        assertEquals(
                switch (name) {
                    case "marian" -> List.of("encoder_last_hidden_state", "logits", "cross_attention_last");
                    case "vaswani" -> List.of("encoder_last_hidden_state", "logits");
                    default -> List.of();
                },
                result.tensors().stream().map(CheckResult.TensorError::name).toList());
    }

    @Test
    void saysWhatDoesNotAgree() throws IOException {
        copy("marian");
        Path expected = folder.resolve("expected.json");
        String json = Files.readString(expected);
        Files.writeString(expected, json.replaceFirst("68,(\\s+)68,", "68,$169,"));
        CheckResult result = Check.run(folder, "cpu", DeviceOptions.DEFAULTS);
        assertFalse(result.passed());
        assertEquals(new CheckResult.Agreement(55, 56), result.sequences());
        assertEquals(1, result.problems().size());
    }

    @Test
    void wrongTensorsFail() throws IOException {
        copy("marian");
        Path file = folder.resolve("expected.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        // The last tensor's last element gets another exponent.
        bytes[bytes.length - 1] ^= 0x10;
        Files.write(file, bytes);
        CheckResult result = Check.run(folder, "cpu", DeviceOptions.DEFAULTS);
        assertFalse(result.passed());
        assertEquals(
                1, result.tensors().stream().filter(t -> !t.within(Check.BOUND)).count(), result.toString());
    }

    @Test
    void whatIsUnknownFails() throws IOException {
        copy("vaswani");
        Files.writeString(folder.resolve("notes.txt"), "?");
        Path expected = folder.resolve("expected.json");
        Files.writeString(
                expected,
                Files.readString(expected)
                        .replaceFirst("\"num_beams\": 1", "\"num_beams\": 1, \"beam_colour\": \"red\""));
        CheckResult result = Check.run(folder, "cpu", DeviceOptions.DEFAULTS);
        assertFalse(result.passed());
        String problems = result.problems().stream().collect(Collectors.joining("\n"));
        assertTrue(problems.contains("notes.txt"), problems);
        assertTrue(problems.contains("beam_colour=red") && problems.contains("length_penalty"), problems);
    }

    @Test
    void mistakesAreOneLine() throws IOException {
        assertOneLine(ModelFormatException.class, "expected.safetensors", "cpu");
        copy("vaswani");
        assertOneLine(DeviceException.class, "abacus", "abacus");
        Files.writeString(folder.resolve("expected.json"), "{\"kind\": 3, \"generate\": [{\"sequences\": \"x\"}]}");
        assertOneLine(ModelFormatException.class, "expected.json", "cpu");
    }

    private void assertOneLine(Class<? extends RuntimeException> type, String part, String device) {
        String message = assertThrows(type, () -> Check.run(folder, device, DeviceOptions.DEFAULTS))
                .getMessage();
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.contains(part), message);
    }

    private void copy(String name) throws IOException {
        try (Stream<Path> files = Files.list(golden(name))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }
}
