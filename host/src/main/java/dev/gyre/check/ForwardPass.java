package dev.gyre.check;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.Device;
import dev.gyre.backend.Executable;
import dev.gyre.check.CheckResult.TensorError;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.models.ModelDirectory;
import dev.gyre.scheduler.Bind;
import dev.gyre.transformer.AttentionMaps;
import dev.gyre.transformer.Capacity;
import dev.gyre.transformer.Seq2SeqProgram;
import dev.gyre.transformer.Transformer;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.ModelFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** The encoder and the teacher-forced decoder over a whole case at once, and how far their tensors are off. */
final class ForwardPass {

    private static final Set<String> INPUTS = Set.of("input_ids", "attention_mask", "decoder_input_ids");
    private static final String ENCODED = "encoder_last_hidden_state";
    private static final String LOGITS = "logits";
    private static final String CROSS = "cross_attention_last";

    private final Checkpoint expected;
    private final Batch batch;
    private final Seq2SeqProgram program;
    private final Executable executable;
    private final int steps;

    private ForwardPass(Checkpoint expected, Batch batch, Seq2SeqProgram program, Executable executable, int steps) {
        this.expected = expected;
        this.batch = batch;
        this.program = program;
        this.executable = executable;
        this.steps = steps;
    }

    static List<TensorError> run(
            Device device, ModelDirectory model, Checkpoint expected, Batch batch, List<String> problems) {
        Set<String> names = expected.names();
        names.stream()
                .filter(n ->
                        !INPUTS.contains(n) && !Set.of(ENCODED, LOGITS, CROSS).contains(n))
                .sorted()
                .forEach(n -> problems.add("tensor " + n + " is not known"));
        boolean decodes = names.contains(LOGITS) || names.contains(CROSS);
        if (decodes && batch.targets().length == 0) {
            problems.add("there are " + LOGITS + " but no decoder_input_ids");
            decodes = false;
        }
        int sequences = batch.sources().length;
        if (sequences == 0 || batch.sourceTokens() == 0) {
            return List.of();
        }
        Transformer transformer = model.transformer();
        int steps = decodes ? batch.targets()[0].length : 1;
        if (batch.width() > transformer.maxSource() || steps > transformer.maxTarget()) {
            throw new ModelFormatException(expected.origin() + " has " + batch.width() + " source and " + steps
                    + " target positions; the model has " + transformer.maxSource() + " and "
                    + transformer.maxTarget());
        }
        int rows = Math.max(sequences * steps, sequences);
        Capacity capacity =
                new Capacity(batch.sourceTokens(), sequences, batch.sourceTokens(), sequences, steps, rows, rows, 1, 1);
        Seq2SeqProgram program = Seq2SeqProgram.of(
                transformer, capacity, names.contains(CROSS) ? AttentionMaps.LAST_CROSS : AttentionMaps.NONE);
        try (Executable executable = device.compile(program.program(), model.weights())) {
            ForwardPass pass = new ForwardPass(expected, batch, program, executable, steps);
            List<TensorError> errors = new ArrayList<>();
            if (program.hasEncoder()) {
                pass.encode(errors);
            }
            if (decodes) {
                pass.decode(errors);
            }
            return errors;
        }
    }

    private void encode(List<TensorError> errors) {
        int n = batch.sourceTokens();
        int[] tokens = new int[n];
        int[] positions = new int[n];
        int[] destination = new int[n];
        int[] offsets = new int[batch.sources().length + 1];
        int row = 0;
        for (int s = 0; s < batch.sources().length; s++) {
            for (int p = 0; p < batch.sources()[s].length; p++) {
                tokens[row] = batch.sources()[s][p];
                positions[row] = p;
                destination[row] = row;
                row++;
            }
            offsets[s + 1] = row;
        }
        Bindings bindings = new Bindings(program.encode());
        Bind.input(bindings, program.encodeInputs().tokens(), tokens);
        Bind.input(bindings, program.encodeInputs().positions(), positions);
        Bind.input(bindings, program.encodeInputs().offsets(), offsets);
        Bind.input(bindings, program.encodeInputs().destination(), destination);
        bindings.size(program.tokens(), n)
                .size(program.sequences(), batch.sources().length)
                .size(program.keys(), batch.width());
        executable.run(bindings);

        if (!expected.names().contains(ENCODED)) {
            return;
        }
        int width = program.encoded().shape().columns();
        float[] encoded = read(program.encoded(), n * width);
        float[] reference = expected(ENCODED, batch.sources().length, batch.width(), width);
        Difference difference = new Difference();
        for (int s = 0; s < batch.sources().length; s++) {
            int count = batch.sources()[s].length * width;
            difference.add(encoded, offsets[s] * width, reference, s * batch.width() * width, count);
        }
        errors.add(new TensorError(ENCODED, difference.relative()));
    }

    private void decode(List<TensorError> errors) {
        int sequences = batch.sources().length;
        int rows = sequences * steps;
        int[] tokens = new int[rows];
        int[] positions = new int[rows];
        int[] all = new int[rows];
        int[] line = new int[rows];
        int[] length = new int[rows];
        int[] first = new int[rows];
        int[] end = new int[rows];
        int[] lines = new int[sequences];
        int[] slots = new int[sequences];
        int[] lengths = new int[sequences];
        int memory = 0;
        for (int s = 0; s < sequences; s++) {
            for (int p = 0; p < steps; p++) {
                int row = s * steps + p;
                tokens[row] = batch.targets()[s][p];
                positions[row] = p;
                all[row] = row; // slot s·positions + p as well: a slot has as many positions as there are steps
                line[row] = 2 * s;
                length[row] = p + 1;
                first[row] = memory;
                end[row] = memory + batch.sources()[s].length;
            }
            memory += batch.sources()[s].length;
            lines[s] = 2 * s;
            slots[s] = s;
            lengths[s] = steps;
        }
        Seq2SeqProgram.DecodeInputs in = program.decodeInputs();
        Bindings bindings = new Bindings(program.decode());
        Bind.input(bindings, in.tokens(), tokens);
        Bind.input(bindings, in.positions(), positions);
        Bind.input(bindings, in.destination(), all);
        Bind.input(bindings, in.line(), line);
        Bind.input(bindings, in.length(), length);
        Bind.input(bindings, in.memoryFirst(), first);
        Bind.input(bindings, in.memoryEnd(), end);
        Bind.input(bindings, in.from(), lines);
        Bind.input(bindings, in.to(), lines);
        Bind.input(bindings, in.inherited(), new int[sequences]);
        Bind.input(bindings, in.hypothesisLength(), lengths);
        Bind.input(bindings, in.slot(), slots);
        Bind.input(bindings, in.picks(), all);
        Bind.input(bindings, in.normalise(), new int[rows]);
        Bind.input(bindings, in.editOffsets(), new int[rows + 1]);
        Bind.input(bindings, in.editTokens(), new int[1]);
        Bind.input(bindings, in.editKinds(), new int[1]);
        Bind.input(bindings, in.editAmounts(), new float[1]);
        bindings.size(program.rows(), rows)
                .size(program.hypotheses(), sequences)
                .size(program.picks(), rows)
                .size(program.scored(), rows)
                .size(program.edits(), 0)
                .size(program.top(), 1)
                .size(program.keys(), batch.width());
        executable.run(bindings);

        if (expected.names().contains(LOGITS)) {
            Value logits = program.selection().logits();
            int vocabulary = logits.shape().columns();
            float[] ours = read(logits, rows * vocabulary);
            float[] reference = expected(LOGITS, sequences, steps, vocabulary);
            Difference difference = new Difference();
            for (int s = 0; s < sequences; s++) {
                // The targets of a decoder-only model are its sources, which may be padded.
                int real = program.hasEncoder() ? steps : batch.sources()[s].length;
                difference.add(ours, s * steps * vocabulary, reference, s * steps * vocabulary, real * vocabulary);
            }
            errors.add(new TensorError(LOGITS, difference.relative()));
        }
        if (expected.names().contains(CROSS)) {
            errors.add(new TensorError(CROSS, crossAttention()));
        }
    }

    private double crossAttention() {
        int sequences = batch.sources().length;
        Value map = program.crossMaps().getLast();
        int heads = map.shape().axes().get(1).limit();
        int width = batch.width();
        float[] weights = read(map, sequences * steps * heads * width);
        float[] reference = expected(CROSS, sequences, heads, steps, width);
        Difference difference = new Difference();
        for (int s = 0; s < sequences; s++) {
            for (int h = 0; h < heads; h++) {
                for (int p = 0; p < steps; p++) {
                    int ours = ((s * steps + p) * heads + h) * width;
                    int theirs = ((s * heads + h) * steps + p) * width;
                    difference.add(weights, ours, reference, theirs, batch.sources()[s].length);
                }
            }
        }
        return difference.relative();
    }

    private float[] read(Value value, int count) {
        float[] read = new float[count];
        executable.read(Objects.requireNonNull(value), read, count);
        return read;
    }

    private float[] expected(String name, int... shape) {
        return Difference.expected(expected, name, shape);
    }
}
