package dev.gyre.scheduler;

import dev.gyre.backend.DeviceDescription;
import dev.gyre.transformer.Capacity;
import dev.gyre.transformer.Transformer;

/**
 * How much a device is to do at once.
 *
 * @param batchTokens source tokens of an encoder run; a sixteenth of it are slots. 0 for what suits the device, halved
 *     until it fits into the memory limit, or into three fifths of the device's memory
 * @param maxHypotheses the most beams, or drawn sequences, of one sentence
 * @param maxTargetLength the most target tokens; 0 for what the model allows, at most 2048 of a decoder-only model, as
 *     every slot has memory for all of them
 * @param candidates the most candidates per row that are selected on the device
 */
public record CapacityPlan(int batchTokens, int maxHypotheses, int maxTargetLength, int candidates) {

    /** For what is usual: up to 16 beams. */
    public static final CapacityPlan DEFAULTS = new CapacityPlan(0, 16, 0, 64);

    /** The most batch tokens: above, more at once brings nothing, and counts of rows leave the range of an int. */
    public static final int MOST_TOKENS = 1 << 20;

    private static final int CPU_TOKENS = 1024;
    private static final int GPU_TOKENS = 4096;
    private static final int LEAST_TOKENS = 64;
    private static final int TOKENS_PER_SLOT = 16;
    private static final int DECODER_ONLY_POSITIONS = 2048;

    /** Longer prefixes are read in pieces: intermediates of a run have memory for all of its rows. */
    private static final int PREFIX_ROWS = 512;

    public CapacityPlan {
        if (batchTokens < 0 || maxHypotheses < 1 || maxTargetLength < 0 || candidates < 1) {
            throw new IllegalArgumentException("batch tokens " + batchTokens + ", hypotheses " + maxHypotheses
                    + ", target length " + maxTargetLength + " and candidates " + candidates
                    + ": none can be negative, hypotheses and candidates not 0");
        }
        if (batchTokens > MOST_TOKENS) {
            throw new IllegalArgumentException("batch tokens are at most " + MOST_TOKENS + ", not " + batchTokens);
        }
    }

    public CapacityPlan withBatchTokens(int tokens) {
        return new CapacityPlan(tokens, maxHypotheses, maxTargetLength, candidates);
    }

    public CapacityPlan withMaxHypotheses(int hypotheses) {
        return new CapacityPlan(batchTokens, hypotheses, maxTargetLength, Math.max(candidates, 4 * hypotheses));
    }

    public CapacityPlan withMaxTargetLength(int tokens) {
        return new CapacityPlan(batchTokens, maxHypotheses, tokens, candidates);
    }

    public CapacityPlan withCandidates(int top) {
        return new CapacityPlan(batchTokens, maxHypotheses, maxTargetLength, top);
    }

    /** Source tokens of an encoder run to start from. */
    int tokensFor(DeviceDescription device) {
        if (batchTokens > 0) {
            return batchTokens;
        }
        return device.kind() == DeviceDescription.Kind.GPU ? GPU_TOKENS : CPU_TOKENS;
    }

    /** Whether less may be done at once where memory is small: nobody has said how much it must be. */
    boolean mayHalve(int tokens) {
        return batchTokens == 0 && tokens / 2 >= LEAST_TOKENS;
    }

    /** The capacity with so many tokens. */
    Capacity of(Transformer model, int tokens) {
        int vocabulary = java.util.Objects.requireNonNull(model.output()).outputs();
        int usual = model.encoder() == null ? Math.min(model.maxTarget(), DECODER_ONLY_POSITIONS) : model.maxTarget();
        int positions = maxTargetLength > 0 ? Math.min(maxTargetLength, model.maxTarget()) : usual;
        int slots = Math.max(tokens / TOKENS_PER_SLOT, maxHypotheses);
        int memoryRows = tokens + Math.max(tokens, 32 * slots);
        int rows = Math.max(2 * slots, Math.min(positions, PREFIX_ROWS));
        // Where it is cut, the memory for it is not there anyway.
        int edits = (int) Math.min(Integer.MAX_VALUE, slots * (2L * Math.min(positions, vocabulary) + 64));
        return new Capacity(
                tokens, tokens, memoryRows, slots, positions, rows, slots, edits, Math.min(candidates, vocabulary));
    }
}
