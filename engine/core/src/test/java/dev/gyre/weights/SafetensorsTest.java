package dev.gyre.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {

    @TempDir
    Path folder;

    /** The file and the numbers are those of Hugging Face's own library. */
    @Test
    void readsEveryTypeAsTheReferenceLibraryDoes() throws Exception {
        JsonNode expected;
        try (InputStream json = SafetensorsTest.class.getResourceAsStream("types.json");
                InputStream file = SafetensorsTest.class.getResourceAsStream("types.safetensors.base64")) {
            expected = new ObjectMapper().readTree(json);
            Bytes.write(
                    folder.resolve("model.safetensors"), Base64.getMimeDecoder().decode(file.readAllBytes()));
        }
        try (Checkpoint checkpoint = Safetensors.open(folder)) {
            assertEquals(expected.size(), checkpoint.names().size());
            for (var tensor : expected.properties()) {
                String name = tensor.getKey();
                int[] shape = checkpoint.shape(name);
                JsonNode values = tensor.getValue().get("values");
                assertEquals(
                        tensor.getValue().get("shape").toString(),
                        Shapes.text(shape).replace(" ", ""),
                        name);
                float[] read = new float[values.size()];
                checkpoint.read(name, 0, read.length, read, 0);
                for (int i = 0; i < read.length; i++) {
                    assertEquals((float) values.get(i).doubleValue(), read[i], name + "[" + i + "]");
                }
            }
            assertEquals("BF16", checkpoint.storedType("brain"));
        }
    }

    /** Expected values are numpy's. */
    @Test
    void halfAndBrainFloatsAtTheirLimits() {
        Bytes data = new Bytes();
        for (int half : new int[] {0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0x3555, 0x8000}) {
            data.u16(half);
        }
        for (int brain : new int[] {0x0001, 0x0080, 0x7f7f, 0x7f80, 0x3eab, 0x8000}) {
            data.u16(brain);
        }
        Path file = write("""
                {"h":{"dtype":"F16","shape":[7],"data_offsets":[0,14]},
                 "b":{"dtype":"BF16","shape":[6],"data_offsets":[14,26]}}""", data.array());
        try (Checkpoint checkpoint = Safetensors.open(file)) {
            assertArrayEquals(
                    new float[] {
                        5.960464477539063e-08f,
                        6.097555160522461e-05f,
                        6.103515625e-05f,
                        65504,
                        Float.POSITIVE_INFINITY,
                        0.333251953125f,
                        -0f
                    },
                    read(checkpoint, "h", 7));
            assertArrayEquals(
                    new float[] {
                        9.183549615799121e-41f,
                        1.1754943508222875e-38f,
                        3.3895313892515355e+38f,
                        Float.POSITIVE_INFINITY,
                        0.333984375f,
                        -0f
                    },
                    read(checkpoint, "b", 6));
        }
    }

    @Test
    void readsPartsAndRefusesWhatIsOutside() {
        Path file = write(
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}",
                new Bytes().floats(1, 2, 3, 4, 5, 6).array());
        try (Checkpoint checkpoint = Safetensors.open(file)) {
            float[] part = new float[4];
            checkpoint.read("x", 2, 3, part, 1);
            assertArrayEquals(new float[] {0, 3, 4, 5}, part);
            assertThrows(IndexOutOfBoundsException.class, () -> checkpoint.read("x", 4, 3, new float[3], 0));
            assertThrows(IndexOutOfBoundsException.class, () -> checkpoint.read("x", -1, 1, new float[1], 0));
            assertThrows(
                    IndexOutOfBoundsException.class, () -> checkpoint.read("x", Long.MAX_VALUE, 1, new float[1], 0));
            Failures.assertOneLine(() -> checkpoint.shape("y"), "model.safetensors", "no tensor y");
        }
    }

    @Test
    void closingUnmapsAndTwiceIsNoError() {
        Path file = write(
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                new Bytes().floats(1).array());
        Checkpoint checkpoint = Safetensors.open(file);
        checkpoint.close();
        checkpoint.close();
        assertThrows(IllegalStateException.class, () -> checkpoint.read("x", 0, 1, new float[1], 0));
    }

    @Test
    void joinsShards() {
        shard("a.safetensors", "x", 1);
        shard("b.safetensors", "y", 2);
        index("{\"weight_map\":{\"x\":\"a.safetensors\",\"y\":\"b.safetensors\"}}");
        try (Checkpoint checkpoint = Safetensors.open(folder)) {
            assertEquals(Set.of("x", "y"), checkpoint.names());
            assertArrayEquals(new float[] {2}, read(checkpoint, "y", 1));
        }
    }

    @Test
    void namesMissingShards() {
        shard("a.safetensors", "x", 1);
        index("{\"weight_map\":{\"x\":\"a.safetensors\",\"y\":\"b.safetensors\",\"z\":\"c.safetensors\"}}");
        Failures.assertOneLine(
                () -> Safetensors.open(folder),
                "model.safetensors.index.json",
                "3 shards, 2 of them missing: b.safetensors, c.safetensors");
    }

    @Test
    void refusesAnIndexThatLies() {
        shard("a.safetensors", "x", 1);
        shard("b.safetensors", "y", 2);
        index("{\"weight_map\":{\"x\":\"a.safetensors\",\"q\":\"b.safetensors\"}}");
        Failures.assertOneLine(() -> Safetensors.open(folder), "index.json", "tensor q", "no shard has it");
        index("{\"weight_map\":{\"x\":\"a.safetensors\",\"y\":\"a.safetensors\",\"z\":\"b.safetensors\"}}");
        Failures.assertOneLine(() -> Safetensors.open(folder), "index.json", "tensor y", "it is in b.safetensors");
        shard("b.safetensors", "x", 2);
        index("{\"weight_map\":{\"x\":\"a.safetensors\",\"y\":\"b.safetensors\"}}");
        Failures.assertOneLine(
                () -> Safetensors.open(folder), "index.json", "tensor x", "both a.safetensors and b.safetensors");
        for (String name : new String[] {"../a.safetensors", "C:a.safetensors", "..", ".", ""}) {
            index("{\"weight_map\":{\"x\":\"" + name + "\"}}");
            Failures.assertOneLine(
                    () -> Safetensors.open(folder), "index.json", "\"" + name + "\"", "beside the index");
        }
        index("{\"weight_map\":{\"x\":7}}");
        Failures.assertOneLine(() -> Safetensors.open(folder), "index.json", "tensor x is in 7");
        index("{\"weight_map\":[]}");
        Failures.assertOneLine(() -> Safetensors.open(folder), "index.json", "weight_map");
    }

    private void shard(String name, String tensor, float value) {
        Bytes.write(
                folder.resolve(name),
                Bytes.safetensors(
                        "{\"" + tensor + "\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                        new Bytes().floats(value).array()));
    }

    private void index(String json) {
        try {
            Files.writeString(folder.resolve("model.safetensors.index.json"), json);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Path write(String header, byte[] data) {
        return Bytes.write(folder.resolve("model.safetensors"), Bytes.safetensors(header, data));
    }

    private static float[] read(Checkpoint checkpoint, String name, int count) {
        float[] values = new float[count];
        checkpoint.read(name, 0, count, values, 0);
        return values;
    }
}
