package dev.gyre.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.models.ModelDirectory;
import dev.gyre.weights.ModelFormatException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Folders whose tensors are right and whose configuration is not: each field in turn left out or given every kind of
 * value, and text that is no JSON any more. A folder opens, or there is one line that says why not.
 */
class ModelFolderDamageTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "false",
            "-1",
            "0",
            "1",
            "3",
            "7",
            "2147483647",
            "2147483648",
            "9223372036854775807",
            "1e300",
            "-0.5",
            "\"\"",
            "\"a\\nb\"",
            "\"relu\"",
            "[]",
            "[1]",
            "[[-5]]",
            "[\"x\"]",
            "{}",
            "{\"a\":null}");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"marian", "vaswani"})
    void everyFieldOfTheConfiguration(String model) throws Exception {
        copy(model);
        everyField(folder.resolve("config.json"));
    }

    @Test
    void everyFieldOfTheGenerationConfiguration() throws Exception {
        copy("marian");
        everyField(folder.resolve("generation_config.json"));
    }

    private void everyField(Path file) throws IOException {
        ObjectNode right = (ObjectNode) JSON.readTree(Files.readAllBytes(file));
        ModelDirectory.open(folder).close();
        List<String> wrong = new ArrayList<>();
        for (String field :
                right.properties().stream().map(java.util.Map.Entry::getKey).toList()) {
            for (String value : VALUES) {
                JsonNode changed = right.deepCopy().set(field, JSON.readTree(value));
                open(file, changed.toString(), field + " = " + value, wrong);
            }
            ObjectNode without = right.deepCopy();
            without.remove(field);
            open(file, without.toString(), "no " + field, wrong);
        }
        assertTrue(wrong.isEmpty(), () -> wrong.size() + ":\n" + String.join("\n", wrong));
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "generation_config.json"})
    void textThatIsNoJson(String name) throws Exception {
        copy("marian");
        Path file = folder.resolve(name);
        byte[] right = Files.readAllBytes(file);
        List<String> wrong = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(name.hashCode());
        for (int i = 0; i < 300; i++) {
            byte[] changed = java.util.Arrays.copyOf(right, i % 3 == 0 ? random.nextInt(right.length) : right.length);
            for (int n = random.nextInt(3); n >= 0 && changed.length > 0; n--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            String text = new String(changed, StandardCharsets.ISO_8859_1);
            Files.write(file, changed);
            open(text, wrong);
        }
        assertTrue(wrong.isEmpty(), () -> wrong.size() + ":\n" + String.join("\n", wrong));
    }

    private void open(Path file, String text, String what, List<String> wrong) throws IOException {
        Files.writeString(file, text);
        open(what, wrong);
    }

    private void open(String what, List<String> wrong) {
        try {
            ModelDirectory.open(folder).close();
        } catch (ModelFormatException e) {
            String message = String.valueOf(e.getMessage());
            if (message.isBlank() || message.lines().count() != 1 || !message.contains(folder.toString())) {
                wrong.add(what + " gives the message: " + message);
            }
        } catch (RuntimeException | Error e) {
            wrong.add(what + " throws " + e);
        }
    }

    private void copy(String model) throws IOException, URISyntaxException {
        Path from = Path.of(
                ModelFolderDamageTest.class.getResource("/goldens/" + model).toURI());
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(f -> !f.getFileName().toString().startsWith("expected"))
                    .toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }
}
