package dev.gyre.transformer.family;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gyre.weights.ComputedTensor;
import dev.gyre.weights.ModelFormatException;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cosines and sines of rotary positions (Su et al., 2021), {@code [positions, headSize]}: half of a row cosines, half
 * sines. Frequencies as config.json scales them: not at all, linearly, as Llama 3 does, or as YaRN does (Peng et al.,
 * 2023), which scales the table as well. Dynamic scaling changes nothing up to {@code max_position_embeddings}, and no
 * text here is longer.
 */
final class RopeTable implements ComputedTensor {

    private final int positions;
    private final double[] frequencies;
    private final float scale;

    private RopeTable(int positions, double[] frequencies, float scale) {
        this.positions = positions;
        this.frequencies = frequencies;
        this.scale = scale;
    }

    static RopeTable of(Config config, int positions, int headSize) {
        if (headSize % 2 != 0) {
            throw new ModelFormatException(
                    config.where() + ": rotary positions need heads of an even size, not " + headSize);
        }
        JsonNode scaling = object(config, "rope_parameters");
        if (scaling == null) {
            scaling = object(config, "rope_scaling");
        }
        double base = number(config, scaling, "rope_theta", 10000);
        int half = headSize / 2;
        double[] frequencies = new double[half];
        // The reference computes them in float32; so does this, or long positions would differ.
        Arrays.setAll(frequencies, i -> 1f / (float) Math.pow(base, (float) (2 * i) / headSize));
        float scale = 1;
        if (scaling != null && number(config, scaling, "partial_rotary_factor", 1) != 1) {
            throw new ModelFormatException(config.where()
                    + ": partial_rotary_factor is not 1; rotary positions of half a head are not supported");
        }
        String type = type(scaling);
        switch (type) {
            case "default" -> {}
            case "dynamic" -> number(config, scaling, "factor", Double.NaN);
            case "linear" -> {
                double factor = number(config, scaling, "factor", Double.NaN);
                Arrays.setAll(frequencies, i -> frequencies[i] / factor);
            }
            case "llama3" -> Arrays.setAll(frequencies, llama3(config, Objects.requireNonNull(scaling), frequencies));
            case "yarn" -> {
                Yarn yarn = Yarn.read(config, Objects.requireNonNull(scaling), base, headSize);
                Arrays.setAll(frequencies, i -> yarn.frequency(i, frequencies[i]));
                scale = yarn.scale();
            }
            default ->
                throw new ModelFormatException(config.where() + ": rotary positions of type \"" + type
                        + "\" are not known; known are default, linear, dynamic, llama3, yarn");
        }
        return new RopeTable(positions, frequencies, scale);
    }

    private static java.util.function.IntToDoubleFunction llama3(
            Config config, JsonNode scaling, double[] frequencies) {
        double factor = number(config, scaling, "factor", Double.NaN);
        double low = number(config, scaling, "low_freq_factor", Double.NaN);
        double high = number(config, scaling, "high_freq_factor", Double.NaN);
        double trained = number(config, scaling, "original_max_position_embeddings", Double.NaN);
        double[] plain = frequencies.clone();
        return i -> {
            double wave = 2 * Math.PI / plain[i];
            if (wave < trained / high) {
                return plain[i];
            }
            if (wave > trained / low) {
                return plain[i] / factor;
            }
            double smooth = (trained / wave - low) / (high - low);
            return (1 - smooth) * plain[i] / factor + smooth * plain[i];
        };
    }

    private static @Nullable JsonNode object(Config config, String field) {
        JsonNode value = config.get(field);
        if (value != null && !value.isObject()) {
            throw config.wrong(field, value, "must be an object such as {\"rope_type\": \"default\"}, or null");
        }
        return value;
    }

    private static String type(@Nullable JsonNode scaling) {
        if (scaling == null) {
            return "default";
        }
        JsonNode type = scaling.has("rope_type") ? scaling.get("rope_type") : scaling.get("type");
        return type == null ? "default" : type.asText();
    }

    /** A positive number from the scaling or, as older files have it, from the top level. */
    static double number(Config config, @Nullable JsonNode scaling, String field, double otherwise) {
        JsonNode value = scaling != null && scaling.has(field) ? scaling.get(field) : config.get(field);
        if (value == null || value.isNull()) {
            if (Double.isNaN(otherwise)) {
                throw new ModelFormatException(config.where() + " has no field " + field + " for its rotary positions");
            }
            return otherwise;
        }
        if (!value.isNumber() || !(value.doubleValue() > 0)) {
            throw config.wrong(field, value, "must be a positive number");
        }
        return value.doubleValue();
    }

    @Override
    public String name() {
        return "rotary positions (computed)";
    }

    @Override
    public int rows() {
        return positions;
    }

    @Override
    public int columns() {
        return 2 * frequencies.length;
    }

    @Override
    public float value(int position, int column) {
        boolean cosine = column < frequencies.length;
        float angle = (float) (position * frequencies[cosine ? column : column - frequencies.length]);
        return scale * (float) (cosine ? Math.cos(angle) : Math.sin(angle));
    }
}
