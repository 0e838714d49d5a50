package dev.gyre.decoding;

import java.util.Arrays;

/**
 * The tokens of a row that may be drawn, best first: temperature, top-k and top-p of {@code generate()}, in its order.
 * Filled anew for each row.
 */
final class Warper {

    private final SearchSettings settings;
    private final boolean normalise;
    private int[] tokens = new int[64];
    private float[] values = new float[64];
    private float[] warped = new float[64];
    private int count;

    /** @param normalise whether values are log-probabilities; raw logits otherwise */
    Warper(SearchSettings settings, boolean normalise) {
        this.settings = settings;
        this.normalise = normalise;
    }

    int count() {
        return count;
    }

    int token(int i) {
        return tokens[i];
    }

    /** The value as the row has it. */
    float value(int i) {
        return values[i];
    }

    /** The value over the temperature. */
    float warped(int i) {
        return warped[i];
    }

    /** Takes a row that has a token that can come: whole if its logits are here, else its candidates. */
    void take(Candidates candidates, int row) {
        if (candidates.hasLogits(row)) {
            takeRow(candidates, row);
        } else {
            takeTop(candidates, row);
        }
        float temperature = (float) settings.temperature();
        for (int i = 0; i < count; i++) {
            warped[i] = values[i] / temperature;
        }
        cutByProbability();
    }

    /** The logarithm of the sum of the exponentials of the warped values. */
    float logSum() {
        return (float) (warped[0] + Math.log(sum()));
    }

    private double sum() {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(warped[i] - warped[0]);
        }
        return sum;
    }

    private int limit(int available) {
        return settings.topK() == 0
                ? available
                : Math.min(Math.max(settings.topK(), settings.drawnFromAtLeast()), available);
    }

    private void takeTop(Candidates candidates, int row) {
        int n = limit(candidates.top());
        reserve(n);
        count = 0;
        while (count < n && candidates.id(row, count) >= 0 && !Float.isNaN(candidates.value(row, count))) {
            tokens[count] = candidates.id(row, count);
            values[count] = candidates.value(row, count);
            count++;
        }
    }

    /** Of equal values the smaller token comes first, as on a device; what is no number is left out. */
    private void takeRow(Candidates candidates, int row) {
        int n = candidates.vocabulary();
        long[] order = new long[n];
        for (int t = 0; t < n; t++) {
            float logit = candidates.logit(row, t);
            int bits = Float.floatToIntBits(logit);
            int ascending = Float.isNaN(logit) ? Integer.MIN_VALUE : bits ^ (bits >> 31 & 0x7fffffff);
            order[t] = (long) ~ascending << 32 | t;
        }
        Arrays.sort(order);
        count = limit(n);
        while (count > 0 && Float.isNaN(candidates.logit(row, (int) order[count - 1]))) {
            count--;
        }
        reserve(count);
        float shift = normalise ? candidates.logSum(row) : 0;
        for (int i = 0; i < count; i++) {
            tokens[i] = (int) order[i];
            values[i] = candidates.logit(row, tokens[i]) - shift;
        }
    }

    /** Drops the tail whose probabilities sum to at most {@code 1 - top_p}. */
    private void cutByProbability() {
        if (settings.topP() >= 1) {
            return;
        }
        double sum = sum();
        double tail = 0;
        while (count > settings.drawnFromAtLeast()) {
            tail += Math.exp(warped[count - 1] - warped[0]) / sum;
            if (tail > 1 - settings.topP()) {
                break;
            }
            count--;
        }
    }

    private void reserve(int n) {
        if (tokens.length < n) {
            tokens = new int[n];
            values = new float[n];
            warped = new float[n];
        }
    }
}
