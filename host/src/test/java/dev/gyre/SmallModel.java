package dev.gyre;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gyre.weights.Json;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** Small models with random weights and what transformers 5.18 makes of them. */
final class SmallModel {

    private SmallModel() {}

    static Path folder(String name) {
        try {
            return Path.of(Objects.requireNonNull(SmallModel.class.getResource("/models/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static JsonNode expected(String name, String file) {
        return Json.readObject(folder(name).resolve(file));
    }

    static float[] floats(JsonNode array) {
        float[] floats = new float[array.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) array.get(i).asDouble();
        }
        return floats;
    }

    static int[] ints(JsonNode array) {
        int[] ints = new int[array.size()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = array.get(i).asInt();
        }
        return ints;
    }
}
