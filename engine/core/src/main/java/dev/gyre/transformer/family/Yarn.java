package dev.gyre.transformer.family;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * YaRN's scaling of rotary positions (Peng et al., 2023): slow frequencies are divided by a factor, fast ones stay, between
 * {@code low} and {@code high} the two are mixed.
 *
 * @param factor how much longer texts are than the model was first trained for
 * @param low the first frequency that changes
 * @param high the first frequency that is wholly divided
 * @param scale of cosines and sines
 */
record Yarn(double factor, double low, double high, float scale) {

    static Yarn read(Config config, JsonNode scaling, double base, int headSize) {
        double factor = RopeTable.number(config, scaling, "factor", Double.NaN);
        double trained = RopeTable.number(config, scaling, "original_max_position_embeddings", Double.NaN);
        double fast = RopeTable.number(config, scaling, "beta_fast", 32);
        double slow = RopeTable.number(config, scaling, "beta_slow", 1);
        double low = dimension(fast, headSize, base, trained);
        double high = dimension(slow, headSize, base, trained);
        if (!scaling.has("truncate") || scaling.get("truncate").asBoolean()) {
            low = Math.floor(low);
            high = Math.ceil(high);
        }
        low = Math.max(low, 0);
        high = Math.min(high, headSize - 1);
        // As the reference does: a range of nothing would divide by zero.
        return new Yarn(factor, low, high == low ? high + 0.001 : high, scale(config, scaling, factor));
    }

    private static float scale(Config config, JsonNode scaling, double factor) {
        if (scaling.hasNonNull("attention_factor")) {
            return (float) RopeTable.number(config, scaling, "attention_factor", Double.NaN);
        }
        boolean given = scaling.path("mscale").asDouble() != 0
                && scaling.path("mscale_all_dim").asDouble() != 0;
        return (float)
                (given
                        ? growth(factor, RopeTable.number(config, scaling, "mscale", 1))
                                / growth(factor, RopeTable.number(config, scaling, "mscale_all_dim", 1))
                        : growth(factor, 1));
    }

    private static double growth(double factor, double by) {
        return factor <= 1 ? 1 : 0.1 * by * Math.log(factor) + 1;
    }

    /** The dimension that turns so often within the length of training. */
    private static double dimension(double turns, int headSize, double base, double trained) {
        return headSize * Math.log(trained / (turns * 2 * Math.PI)) / (2 * Math.log(base));
    }

    double frequency(int i, double plain) {
        double divided = Math.clamp((i - low) / (high - low), 0, 1);
        return plain / factor * divided + plain * (1 - divided);
    }
}
