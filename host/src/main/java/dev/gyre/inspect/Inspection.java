package dev.gyre.inspect;

import dev.gyre.backend.MemoryPlan;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Program;
import dev.gyre.graph.Tensor.Weight;
import dev.gyre.models.ModelDirectory;
import dev.gyre.models.SpecialTokens;
import dev.gyre.transformer.AttentionMaps;
import dev.gyre.transformer.Capacity;
import dev.gyre.transformer.EncoderProgram;
import dev.gyre.transformer.Layer;
import dev.gyre.transformer.NormPlacement;
import dev.gyre.transformer.Seq2SeqProgram;
import dev.gyre.transformer.Stack;
import dev.gyre.transformer.Transformer;
import dev.gyre.weights.Checkpoint;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What there is to say about a model without running it.
 *
 * @param path the folder
 * @param family the family, as {@code model_type} names it
 * @param encoder the source side
 * @param decoder the target side
 * @param maxSource source tokens that the position tables allow
 * @param maxTarget target tokens, start token included
 * @param special ids that mean something to decoding
 * @param tokenizer whether the folder has what turns text into ids
 * @param parameters numbers that were trained: elements of the tensors that the graphs use, each tensor once, without
 *     computed tables
 * @param stored what the files hold, by stored type
 * @param unused tensors in the files that the model does not use
 * @param capacity what the graphs are planned for
 * @param memory bytes on a device, weights in float32
 * @param program the graphs after fusion
 * @param recorded the graphs before fusion
 */
public record Inspection(
        Path path,
        String family,
        Optional<Side> encoder,
        Optional<Side> decoder,
        int maxSource,
        int maxTarget,
        SpecialTokens special,
        boolean tokenizer,
        long parameters,
        Map<String, Stored> stored,
        List<String> unused,
        Capacity capacity,
        MemoryPlan memory,
        Program program,
        Program recorded) {

    /** A moderate batch: 1024 source tokens, 64 hypotheses. */
    private static final int TOKENS = 1024;

    private static final int SLOTS = 64;
    private static final int EDITS = 1024;
    private static final int CANDIDATES = 16;
    private static final int LONGEST_TARGET = 256;

    /**
     * One stack.
     *
     * @param width {@code d_model}
     * @param inner columns between the two products of the feed-forward network
     */
    public record Side(
            int layers, int width, int heads, int inner, int vocabulary, NormPlacement norms, String activation) {

        private static Side of(Stack stack) {
            Layer first = stack.layers().getFirst();
            return new Side(
                    stack.layers().size(),
                    stack.width(),
                    first.self().heads(),
                    first.feedForward().up().outputs(),
                    stack.vocabulary(),
                    first.placement(),
                    first.feedForward().activation().name().toLowerCase(Locale.ROOT));
        }
    }

    /** Tensors of one stored type, and how many numbers they hold together. */
    public record Stored(int tensors, long elements) {

        private Stored and(Stored more) {
            return new Stored(tensors + more.tensors, elements + more.elements);
        }
    }

    /** Looks at a model, with the memory of a moderate batch. */
    public static Inspection of(ModelDirectory model) {
        int positions = Math.min(model.transformer().maxTarget(), LONGEST_TARGET);
        return of(model, new Capacity(TOKENS, SLOTS, 2 * TOKENS, SLOTS, positions, SLOTS, SLOTS, EDITS, CANDIDATES));
    }

    /** Looks at a model that is to do so much at once. */
    public static Inspection of(ModelDirectory model, Capacity capacity) {
        Transformer transformer = model.transformer();
        Program fused;
        Program recorded;
        if (transformer.decoder() == null) {
            EncoderProgram graphs =
                    EncoderProgram.of(transformer, capacity.tokens(), capacity.sequences(), AttentionMaps.NONE);
            fused = graphs.program();
            recorded = graphs.recorded();
        } else {
            Seq2SeqProgram graphs = Seq2SeqProgram.of(transformer, capacity, AttentionMaps.NONE);
            fused = graphs.program();
            recorded = graphs.recorded();
        }
        return new Inspection(
                model.path(),
                transformer.family(),
                Optional.ofNullable(transformer.encoder()).map(Side::of),
                Optional.ofNullable(transformer.decoder()).map(Side::of),
                transformer.maxSource(),
                transformer.maxTarget(),
                model.special(),
                model.tokenizer().isPresent(),
                parameters(fused, model.checkpoint()),
                stored(model.checkpoint()),
                model.unusedTensors(),
                capacity,
                MemoryPlan.of(fused),
                fused,
                recorded);
    }

    /** How often each kind of operation stands in a graph, in the order of first appearance. */
    public static Map<String, Integer> operations(Graph graph) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        graph.operations().forEach(o -> counts.merge(o.kind(), 1, Integer::sum));
        return counts;
    }

    private static long parameters(Program program, Checkpoint checkpoint) {
        Set<String> used = new HashSet<>();
        program.weights().stream()
                .map(Weight::parts)
                .flatMap(Collection::stream)
                .forEach(p -> used.add(checkpoint.storedAs(p.tensor())));
        return used.stream()
                .filter(name -> !checkpoint.storedType(name).equals(Checkpoint.COMPUTED))
                .mapToLong(name -> elements(checkpoint.shape(name)))
                .sum();
    }

    private static Map<String, Stored> stored(Checkpoint checkpoint) {
        Map<String, Stored> types = new TreeMap<>();
        for (String name : checkpoint.names()) {
            String type = checkpoint.storedType(name);
            if (checkpoint.storedAs(name).equals(name) && !type.equals(Checkpoint.COMPUTED)) {
                types.merge(type, new Stored(1, elements(checkpoint.shape(name))), Stored::and);
            }
        }
        return types;
    }

    private static long elements(int[] shape) {
        return Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
    }
}
