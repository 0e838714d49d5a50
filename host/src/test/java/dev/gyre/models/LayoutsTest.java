package dev.gyre.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.OneLine;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.check.Check;
import dev.gyre.check.CheckResult;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.ModelFormatException;
import dev.gyre.weights.Safetensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The layouts in which the same model is found: shards, half precision, other names, tensors that are there twice. */
class LayoutsTest {

    @TempDir
    Path temporary;

    /** A tensor of a file that is written anew. */
    private record Stored(int[] shape, float[] values) {}

    @ParameterizedTest
    @CsvSource({
        "gpt2, transformer.(.*), $1",
        "bert, (.*), bert.$1",
        "llama, model\\.(.*), $1",
        "distilbert, (.*), distilbert.$1",
        "bert, '(.*)LayerNorm.weight', '$1LayerNorm.gamma'"
    })
    void otherPrefixes(String name, String pattern, String replacement) throws IOException {
        Path folder = copy(name);
        Map<String, Stored> tensors = new LinkedHashMap<>();
        read(folder)
                .forEach(
                        (tensor, stored) -> tensors.put(tensor.replaceFirst("^" + pattern + "$", replacement), stored));
        if (replacement.endsWith("gamma")) {
            // Norms of old files have both names or none.
            for (String tensor : List.copyOf(tensors.keySet())) {
                if (tensor.endsWith("LayerNorm.bias")) {
                    tensors.put(tensor.replace("LayerNorm.bias", "LayerNorm.beta"), tensors.remove(tensor));
                }
            }
        }
        write(folder.resolve("model.safetensors"), tensors, "F32");
        assertPasses(folder);
    }

    @ParameterizedTest
    @CsvSource({
        "t5, shared.weight, encoder.embed_tokens.weight",
        "t5, shared.weight, decoder.embed_tokens.weight",
        "t5_v1_1, shared.weight, decoder.embed_tokens.weight",
        "bart, model.shared.weight, model.encoder.embed_tokens.weight",
        "bart, model.shared.weight, lm_head.weight",
        "m2m_100, model.shared.weight, model.decoder.embed_tokens.weight",
        "gpt2, transformer.wte.weight, lm_head.weight"
    })
    void tensorsThatAreThereTwice(String name, String tensor, String again) throws IOException {
        Path folder = copy(name);
        Map<String, Stored> tensors = read(folder);
        tensors.put(again, Objects.requireNonNull(tensors.get(tensor), tensor));
        write(folder.resolve("model.safetensors"), tensors, "F32");
        assertPasses(folder);
    }

    @Test
    void shardsWithAnIndex() throws IOException {
        Path folder = copy("llama");
        Map<String, Stored> tensors = read(folder);
        Map<String, Stored> first = new LinkedHashMap<>();
        Map<String, Stored> second = new LinkedHashMap<>();
        ObjectNode index = new ObjectMapper().createObjectNode();
        ObjectNode places = index.putObject("weight_map");
        tensors.forEach((tensor, stored) -> {
            boolean even = (first.size() + second.size()) % 2 == 0;
            (even ? first : second).put(tensor, stored);
            places.put(tensor, even ? "model-00001-of-00002.safetensors" : "model-00002-of-00002.safetensors");
        });
        Files.delete(folder.resolve("model.safetensors"));
        write(folder.resolve("model-00001-of-00002.safetensors"), first, "F32");
        write(folder.resolve("model-00002-of-00002.safetensors"), second, "F32");
        Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());
        assertPasses(folder);
    }

    @ParameterizedTest
    @CsvSource({"F16, 2e-2", "BF16, 1e-1"})
    void halfPrecision(String type, double bound) throws IOException {
        Path folder = copy("llama");
        write(folder.resolve("model.safetensors"), read(folder), type);
        CheckResult result = Check.run(folder, "cpu", DeviceOptions.DEFAULTS);
        double error = result.tensors().getFirst().relativeError();
        // Rounded weights are other weights: near, and not nearer than rounding allows.
        assertTrue(error < bound && error > 1e-6, type + " " + error);
    }

    /** As bitsandbytes stores them: int8, with the scales of the rows beside. */
    @Test
    void wholeNumbersWithoutScalesAreRefused() throws IOException {
        Path folder = copy("llama");
        Map<String, Stored> tensors = read(folder);
        tensors.put("model.layers.0.mlp.up_proj.SCB", new Stored(new int[] {1}, new float[] {1}));
        write(folder.resolve("model.safetensors"), tensors, "F32", "_proj.weight");
        OneLine.assertFails(
                ModelFormatException.class,
                () -> ModelDirectory.open(folder),
                "model.safetensors",
                "_proj.weight is I8",
                "bfloat16");
    }

    @Test
    void aQuantisationThatIsNotUnderstoodIsRefused() throws IOException {
        Path folder = copy("llama");
        Path config = folder.resolve("config.json");
        String fields = Files.readString(config);
        for (String method : List.of("bitsandbytes", "gptq", "fp8")) {
            Files.writeString(
                    config,
                    fields.replaceFirst("\\{", "{\"quantization_config\": {\"quant_method\": \"" + method + "\"},"));
            OneLine.assertFails(
                    ModelFormatException.class,
                    () -> ModelDirectory.open(folder),
                    "config.json",
                    "quantization_config",
                    "\"" + method + "\"",
                    "save_pretrained");
        }
        Files.writeString(config, fields.replaceFirst("\\{", "{\"quantization_config\": null,"));
        ModelDirectory.open(folder).close();
    }

    @Test
    void picklesAreRefusedWithAWayOut() throws IOException {
        Path folder = copy("bert");
        Files.move(folder.resolve("model.safetensors"), folder.resolve("pytorch_model.bin"));
        String message = assertThrows(ModelFormatException.class, () -> ModelDirectory.open(folder))
                .getMessage();
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.contains("pytorch_model.bin") && message.contains("save_pretrained"), message);
    }

    private static void assertPasses(Path folder) {
        CheckResult result = Check.run(folder, "cpu", DeviceOptions.DEFAULTS);
        assertTrue(result.passed(), result::toString);
        assertTrue(!result.tensors().isEmpty());
        try (ModelDirectory model = ModelDirectory.open(folder)) {
            assertEquals(List.of(), model.unusedTensors());
        }
    }

    private Path copy(String name) throws IOException {
        Path from;
        try {
            boolean golden = LayoutsTest.class.getResource("/goldens/" + name) != null;
            from = Path.of(
                    Objects.requireNonNull(LayoutsTest.class.getResource((golden ? "/goldens/" : "/cases/") + name))
                            .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        Path to = Files.createDirectory(temporary.resolve(name));
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        return to;
    }

    private static Map<String, Stored> read(Path folder) {
        Map<String, Stored> tensors = new LinkedHashMap<>();
        try (Checkpoint stored = Safetensors.open(folder.resolve("model.safetensors"))) {
            for (String name : stored.names().stream().sorted().toList()) {
                int[] shape = stored.shape(name);
                float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
                stored.read(name, 0, values.length, values, 0);
                tensors.put(name, new Stored(shape, values));
            }
        }
        return tensors;
    }

    private static void write(Path file, Map<String, Stored> tensors, String type) throws IOException {
        write(file, tensors, type, "none");
    }

    /** @param whole the end of the names of those that become int8 */
    private static void write(Path file, Map<String, Stored> tensors, String floats, String whole) throws IOException {
        ObjectNode header = new ObjectMapper().createObjectNode();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (Map.Entry<String, Stored> entry : tensors.entrySet()) {
            Stored stored = entry.getValue();
            String type = entry.getKey().endsWith(whole) ? "I8" : floats;
            ObjectNode tensor = header.putObject(entry.getKey()).put("dtype", type);
            for (int axis : stored.shape()) {
                tensor.withArray("shape").add(axis);
            }
            tensor.withArray("shape");
            tensor.putArray("data_offsets").add(data.size());
            int width = type.equals("F32") ? 4 : type.equals("I8") ? 1 : 2;
            ByteBuffer bytes =
                    ByteBuffer.allocate(width * stored.values().length).order(ByteOrder.LITTLE_ENDIAN);
            for (float v : stored.values()) {
                switch (type) {
                    case "F16" -> bytes.putShort(Float.floatToFloat16(v));
                    case "BF16" -> bytes.putShort((short) (Float.floatToRawIntBits(v) >>> 16));
                    case "I8" -> bytes.put((byte) Math.round(v * 127));
                    default -> bytes.putFloat(v);
                }
            }
            data.writeBytes(bytes.array());
            tensor.withArray("data_offsets").add(data.size());
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer length =
                ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(length.array());
        all.writeBytes(json);
        all.writeBytes(data.toByteArray());
        Files.write(file, all.toByteArray());
    }
}
