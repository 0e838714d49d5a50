package dev.gyre.bench;

import dev.gyre.backend.Device;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import dev.gyre.scheduler.CapacityPlan;
import dev.gyre.scheduler.OverlongSource;
import dev.gyre.scheduler.Seq2Seq;
import dev.gyre.scheduler.Seq2SeqRequest;
import dev.gyre.transformer.ModelShape;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Decoding of a random model: sources of 10 to 40 random tokens in groups of {@code batch}, exactly {@code newTokens}
 * target tokens each (the end token is banned until the last).
 *
 * @param scores whether a greedy search has to know the scores too
 */
record ModelRun(ModelShape shape, int sentences, int batch, int beams, int newTokens, boolean scores, int rounds) {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    static final int WEIGHTS_SEED = 7;
    static final int SOURCES_SEED = 3;

    private static final int START = 1;
    private static final int END = 2;
    private static final int SLOTS_PER_TOKEN = 16;

    ModelRun {
        if (sentences < 1 || batch < 1 || beams < 1 || newTokens < 1 || rounds < 1) {
            throw new IllegalArgumentException(
                    "--sentences, --batch, --beams, --new-tokens and --rounds are at least 1");
        }
        if (batch > sentences) {
            throw new IllegalArgumentException("--batch is " + batch + ", but there are only " + sentences
                    + " sentences: give a smaller one, or more with --sentences");
        }
        // One position more for the start token; the end token is not computed with.
        int most = shape.transformer().maxTarget() - 1;
        if (newTokens > most) {
            throw new IllegalArgumentException(
                    "--new-tokens is " + newTokens + "; the model has positions for " + most + " at most");
        }
    }

    /**
     * Target tokens per second of every round, best to worst; one round before them is not counted.
     *
     * @param hostShare of the time of the rounds, how much the host's thread was on a core: recording launches, choosing
     *     tokens, editing beams; on a backend that computes in the JVM the products too
     * @param peakMebibytes the largest resident size of the process, empty where the system does not tell
     */
    record Figures(double best, double median, double worst, double hostShare, OptionalLong peakMebibytes) {}

    Figures on(Device device) {
        int hypotheses = batch * beams;
        CapacityPlan plan = CapacityPlan.DEFAULTS
                .withMaxHypotheses(beams)
                .withBatchTokens(Math.max(64, SLOTS_PER_TOKEN * hypotheses))
                .withMaxTargetLength(newTokens + 2);
        GenerationOptions options = GenerationOptions.builder()
                .numBeams(beams)
                .maxNewTokens(newTokens)
                .minNewTokens(newTokens)
                .eosTokenIds(List.of(END))
                .decoderStartTokenId(START)
                .scores(scores)
                .build();
        try (Seq2Seq model = new Seq2Seq(
                device, shape.transformer(), new RandomWeights(WEIGHTS_SEED), options, plan, OverlongSource.REJECT)) {
            List<int[]> sources = sources();
            double[] perSecond = new double[rounds];
            long hostThread = hostThread(device);
            long hostNanos = 0;
            long nanos = 0;
            for (int round = -1; round < rounds; round++) {
                long start = System.nanoTime();
                long hostStart = THREADS.getThreadCpuTime(hostThread);
                long tokens = 0;
                for (int from = 0; from < sentences; from += batch) {
                    List<Seq2SeqRequest> group = new ArrayList<>();
                    for (int i = from; i < Math.min(sentences, from + batch); i++) {
                        group.add(new Seq2SeqRequest(sources.get(i), options, i));
                    }
                    for (List<Hypothesis> hypothesesOfOne : model.generate(group)) {
                        tokens += hypothesesOfOne.getFirst().tokens().length;
                    }
                }
                if (round >= 0) {
                    long taken = System.nanoTime() - start;
                    perSecond[round] = tokens / (taken / 1e9);
                    nanos += taken;
                    hostNanos += THREADS.getThreadCpuTime(hostThread) - hostStart;
                }
            }
            Arrays.sort(perSecond);
            return new Figures(
                    perSecond[rounds - 1],
                    Median.of(perSecond),
                    perSecond[0],
                    (double) hostNanos / nanos,
                    PeakMemory.mebibytes());
        }
    }

    /** The thread that a {@link Seq2Seq} decodes on; the newest, should another one of the device still end. */
    private static long hostThread(Device device) {
        String name = "gyre-" + device.description().id();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().equals(name))
                .mapToLong(Thread::threadId)
                .max()
                .orElseThrow(() -> new IllegalStateException("no thread " + name));
    }

    private List<int[]> sources() {
        Random random = new Random(SOURCES_SEED);
        List<int[]> sources = new ArrayList<>();
        for (int i = 0; i < sentences; i++) {
            sources.add(
                    random.ints(10 + random.nextInt(31), 4, shape.vocabulary()).toArray());
        }
        return sources;
    }
}
