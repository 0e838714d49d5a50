package dev.gyre.scheduler;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.Executable;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.transformer.AttentionMaps;
import dev.gyre.transformer.Capacity;
import dev.gyre.transformer.EncoderProgram;
import dev.gyre.transformer.Seq2SeqProgram;
import dev.gyre.transformer.Transformer;
import java.util.ArrayList;
import java.util.List;

/** Reads one text through a model once and brings back every attention weight. */
public final class AttentionRun {

    /**
     * The weights of one layer: {@code [heads][queries][keys]}; each row of keys sums to 1.
     *
     * @param weights what query q of head h pays to key k
     */
    public record Layer(float[][][] weights) {}

    /**
     * All weights. What the model does not have is empty.
     *
     * @param encoder source over source, a layer each
     * @param decoder target over target; keys behind a query have weight 0
     * @param cross target over source
     */
    public record Result(List<Layer> encoder, List<Layer> decoder, List<Layer> cross) {}

    private AttentionRun() {}

    /**
     * Runs a text; closes the device.
     *
     * @param source token ids of the source; nothing for a decoder-only model
     * @param target token ids that the decoder reads, start token or prompt first; nothing for an encoder-only model
     * @throws IllegalArgumentException if a text is empty or longer than the model takes, or a token is not in it
     */
    public static Result of(Device device, Transformer model, WeightSource weights, int[] source, int[] target) {
        try (device) {
            if (model.encoder() != null) {
                check(source, model.maxSource(), model.encoder().vocabulary(), "source");
            }
            if (model.decoder() != null) {
                check(target, model.maxTarget(), model.decoder().vocabulary(), "target");
            }
            return model.decoder() == null
                    ? encoderOnly(device, model, weights, source)
                    : generative(device, model, weights, source, target);
        }
    }

    private static void check(int[] tokens, int longest, int vocabulary, String side) {
        if (tokens.length == 0 || tokens.length > longest) {
            throw new IllegalArgumentException(
                    "the " + side + " has " + tokens.length + " tokens; 1 to " + longest + " can be looked at");
        }
        for (int t : tokens) {
            if (t < 0 || t >= vocabulary) {
                throw new IllegalArgumentException(
                        "the " + side + " has token " + t + "; its vocabulary has " + vocabulary + " tokens");
            }
        }
    }

    private static Result encoderOnly(Device device, Transformer model, WeightSource weights, int[] source) {
        int n = source.length;
        EncoderProgram program = EncoderProgram.of(model, n, 1, AttentionMaps.ALL);
        try (Executable executable = device.compile(program.program(), weights)) {
            Bindings bindings = new Bindings(program.encode());
            Bind.input(bindings, program.tokenIds(), source);
            Bind.input(bindings, program.positions(), ascending(n));
            Bind.input(bindings, program.types(), new int[n]);
            Bind.input(bindings, program.offsets(), new int[] {0, n});
            Bind.input(bindings, program.firstRows(), new int[1]);
            executable.run(bindings.size(program.tokens(), n)
                    .size(program.sequences(), 1)
                    .size(program.keys(), n));
            return new Result(read(executable, program.maps(), n, n, n), List.of(), List.of());
        }
    }

    private static Result generative(
            Device device, Transformer model, WeightSource weights, int[] source, int[] target) {
        int n = source.length;
        int m = target.length;
        int room = Math.max(n, 1);
        Capacity capacity = new Capacity(room, 1, room, 1, m, m, m, 1, 1);
        Seq2SeqProgram program = Seq2SeqProgram.of(model, capacity, AttentionMaps.ALL);
        int keys = Math.max(n, m);
        try (Executable executable = device.compile(program.program(), weights)) {
            List<Layer> encoder = List.of();
            if (program.hasEncoder()) {
                encode(executable, program, source, keys);
                encoder = read(executable, program.encoderMaps(), n, n, keys);
            }
            decode(executable, program, target, n, keys);
            return new Result(
                    encoder,
                    read(executable, program.selfMaps(), m, m, keys),
                    program.hasEncoder() ? read(executable, program.crossMaps(), m, n, keys) : List.of());
        }
    }

    private static void encode(Executable executable, Seq2SeqProgram program, int[] source, int keys) {
        int n = source.length;
        Seq2SeqProgram.EncodeInputs in = program.encodeInputs();
        Bindings bindings = new Bindings(program.encode());
        Bind.input(bindings, in.tokens(), source);
        Bind.input(bindings, in.positions(), ascending(n));
        Bind.input(bindings, in.offsets(), new int[] {0, n});
        Bind.input(bindings, in.destination(), ascending(n));
        executable.run(
                bindings.size(program.tokens(), n).size(program.sequences(), 1).size(program.keys(), keys));
    }

    private static void decode(Executable executable, Seq2SeqProgram program, int[] target, int sources, int keys) {
        int m = target.length;
        int[] lengths = new int[m];
        int[] ends = new int[m];
        for (int i = 0; i < m; i++) {
            lengths[i] = i + 1;
            ends[i] = sources;
        }
        Seq2SeqProgram.DecodeInputs in = program.decodeInputs();
        Bindings bindings = new Bindings(program.decode());
        Bind.input(bindings, in.tokens(), target);
        Bind.input(bindings, in.positions(), ascending(m));
        Bind.input(bindings, in.destination(), ascending(m));
        Bind.input(bindings, in.line(), new int[m]);
        Bind.input(bindings, in.length(), lengths);
        Bind.input(bindings, in.memoryFirst(), new int[m]);
        Bind.input(bindings, in.memoryEnd(), ends);
        Bind.input(bindings, in.from(), new int[1]);
        Bind.input(bindings, in.to(), new int[1]);
        Bind.input(bindings, in.inherited(), new int[1]);
        Bind.input(bindings, in.hypothesisLength(), new int[] {m});
        Bind.input(bindings, in.slot(), new int[1]);
        Bind.input(bindings, in.picks(), ascending(m));
        Bind.input(bindings, in.normalise(), new int[m]);
        Bind.input(bindings, in.editOffsets(), new int[m + 1]);
        Bind.input(bindings, in.editTokens(), new int[1]);
        Bind.input(bindings, in.editKinds(), new int[1]);
        Bind.input(bindings, in.editAmounts(), new float[1]);
        executable.run(bindings.size(program.rows(), m)
                .size(program.hypotheses(), 1)
                .size(program.picks(), m)
                .size(program.scored(), m)
                .size(program.edits(), 0)
                .size(program.top(), 1)
                .size(program.keys(), keys));
    }

    private static List<Layer> read(Executable executable, List<Value> maps, int queries, int shown, int keys) {
        List<Layer> layers = new ArrayList<>();
        for (Value map : maps) {
            int heads = map.shape().axes().get(1).limit();
            float[] all = new float[queries * heads * keys];
            executable.read(map, all, all.length);
            float[][][] weights = new float[heads][queries][shown];
            for (int q = 0; q < queries; q++) {
                for (int h = 0; h < heads; h++) {
                    System.arraycopy(all, (q * heads + h) * keys, weights[h][q], 0, shown);
                }
            }
            layers.add(new Layer(weights));
        }
        return List.copyOf(layers);
    }

    private static int[] ascending(int n) {
        int[] numbers = new int[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = i;
        }
        return numbers;
    }
}
