package dev.gyre.tornado;

import dev.gyre.backend.DeviceException;
import dev.gyre.graph.Columns;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Keys;
import dev.gyre.graph.NormKind;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Weight;
import dev.gyre.tornado.Launch.Groups;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Turns the operations of a graph into tasks, in their order: with Java kernels, or by {@link PrebuiltTasks}. */
final class TaskRecorder {

    /** Lanes that share a row where each element is on its own. */
    private static final int ROW_LANES = 64;

    /** TornadoVM has no tasks of more for Java kernels. */
    private static final int MOST_ARGUMENTS = 20;

    /**
     * A task that waits to be put into a task graph.
     *
     * @param arguments how many it has
     * @param used every array that it looks at
     */
    record Task(String id, int arguments, Launch launch, Set<TornadoNativeArray> used, Consumer<MixedTaskGraph> add) {

        /** In TornadoVM's notes: the task's head, and five for each argument. */
        int bytes() {
            return 15 + 5 * arguments;
        }
    }

    private final Graph graph;
    private final ProgramMemory memory;
    private final KernelContext context = new KernelContext();
    private final RunBlock block;
    private final IntArray run;
    private final List<Task> tasks = new ArrayList<>();
    private final Set<TornadoNativeArray> used = new LinkedHashSet<>();

    TaskRecorder(Graph graph, ProgramMemory memory, Choice choice) {
        this.graph = graph;
        this.memory = memory;
        this.block = memory.block(graph);
        this.run = block.ints();
        PrebuiltTasks prebuilt = new PrebuiltTasks(this, choice);
        for (Operation operation : graph.operations()) {
            if (choice.prebuilt(operation)) {
                prebuilt.record(operation);
            } else {
                record(operation);
            }
        }
    }

    List<Task> tasks() {
        return tasks;
    }

    private void record(Operation operation) {
        switch (operation) {
            case Operation.Embed e -> embed(e);
            case Operation.Linear l -> linear(l);
            case Operation.Norm n -> norm(n);
            case Operation.Attention a -> attention(a);
            case Operation.AppendCache c -> append(c);
            case Operation.AdvanceAncestry a -> advance(a);
            case Operation.Gather g -> gather(g);
            case Operation.Rope r -> rope(r);
            case Operation.Gate g -> gate(g);
            case Operation.Activate a -> activate(a);
            case Operation.Add a -> add(a);
            case Operation.SelectTop s -> select(s);
        }
    }

    private void embed(Operation.Embed e) {
        int d = e.out().shape().columns();
        int rows = rows(e.out());
        Floats out = floats(e.out());
        boolean packed = memory.isPacked(e.table());
        FloatArray table = packed ? packed(e.table()) : floats(e.table()).array();
        Ints ids = ints(e.ids());
        FloatArray positions = orNothing(e.positions()).array();
        Ints positionIds = e.positionIds() == null ? ids : ints(e.positionIds());
        FloatArray types = orNothing(e.types()).array();
        Ints typeIds = e.typeIds() == null ? ids : ints(e.typeIds());
        int extras = (e.positions() == null ? 0 : RowKernels.POSITIONS) | (e.types() == null ? 0 : RowKernels.TYPES);
        task(
                "embed",
                elements(d, e.out()),
                (g, id) -> g.task(
                        id,
                        RowKernels::embed,
                        context,
                        run,
                        rows,
                        d,
                        table,
                        packed ? memory.width() : 0,
                        ids.array(),
                        ids.at(),
                        e.scale(),
                        extras,
                        positions,
                        positionIds.array(),
                        positionIds.at(),
                        types,
                        typeIds.array(),
                        typeIds.at(),
                        out.array(),
                        out.at()));
    }

    private void linear(Operation.Linear l) {
        int n = l.out().shape().columns();
        int k = l.x().shape().columns();
        int rows = rows(l.out());
        Floats out = floats(l.out());
        Floats x = floats(l.x());
        FloatArray weight = packed(l.weight());
        FloatArray bias = orNothing(l.bias()).array();
        Floats residual = orNothing(l.residual());
        int extras = (l.bias() == null ? 0 : LinearKernels.BIAS) | (l.residual() == null ? 0 : LinearKernels.RESIDUAL);
        int activation = l.activation().ordinal();
        Launch launch = launch(
                "linear",
                LinearKernels.LANES,
                new Groups.Always(PackedWeight.panels(n)),
                new Groups.Rows(l.out().shape().rows(), LinearKernels.TILE));
        task(
                "linear",
                launch,
                (g, id) -> g.task(
                        id,
                        LinearKernels::linear,
                        context,
                        run,
                        rows,
                        n,
                        k,
                        x.array(),
                        x.at(),
                        weight,
                        memory.width(),
                        bias,
                        residual.array(),
                        residual.at(),
                        extras,
                        activation,
                        out.array(),
                        out.at()));
    }

    private void norm(Operation.Norm n) {
        int d = n.out().shape().columns();
        int rows = rows(n.out());
        Floats out = floats(n.out());
        FloatArray unwritten = unwritten();
        Floats sum = n.sum() == null ? new Floats(unwritten, 0) : floats(n.sum());
        boolean together = sum.array() == out.array();
        Floats x = floats(n.x());
        Floats residual = orNothing(n.residual());
        FloatArray gamma = floats(n.gamma()).array();
        FloatArray beta = orNothing(n.beta()).array();
        int extras = (n.residual() == null ? 0 : NormKernels.RESIDUAL)
                | (n.beta() == null ? 0 : NormKernels.BETA)
                | (n.sum() == null ? 0 : NormKernels.SUM)
                | (together ? NormKernels.TOGETHER : 0)
                | (n.normKind() == NormKind.RMS ? NormKernels.RMS : 0);
        task(
                "norm",
                rowGroups("norm", NormKernels.LANES, n.out(), 1),
                (g, id) -> g.task(
                        id,
                        NormKernels::norm,
                        context,
                        run,
                        rows,
                        d,
                        x.array(),
                        x.at(),
                        residual.array(),
                        residual.at(),
                        gamma,
                        beta,
                        extras,
                        n.epsilon(),
                        together ? unwritten : sum.array(),
                        sum.at(),
                        out.array(),
                        out.at()));
    }

    private void attention(Operation.Attention a) {
        if (a.headSize() > AttentionKernels.LARGEST_HEAD) {
            throw new DeviceException("an attention head of " + a.headSize() + " columns is larger than "
                    + AttentionKernels.LARGEST_HEAD + ", which the Java kernel can hold; take the opencl backend");
        }
        Floats out = floats(a.out());
        Floats query = floats(a.query());
        Floats key = floats(a.key());
        Floats value = floats(a.value());
        Floats weights = a.weights() == null ? new Floats(unwritten(), 0) : floats(a.weights());
        FloatArray bias =
                a.bias() == null ? nothing() : floats(a.bias().table()).array();
        KeyArrays keys = keys(a.keys());
        IntArray spec = new IntArray(AttentionKernels.SPEC);
        spec.set(AttentionKernels.ROWS, rows(a.out()));
        spec.set(AttentionKernels.HEADS, a.heads());
        spec.set(AttentionKernels.GROUPED, a.heads() / a.keyHeads());
        spec.set(AttentionKernels.OUT_AT, out.at());
        spec.set(AttentionKernels.QUERY_AT, query.at());
        spec.set(AttentionKernels.QUERY_STRIDE, a.query().tensor().shape().columns());
        spec.set(AttentionKernels.KEY_AT, key.at());
        spec.set(AttentionKernels.KEY_STRIDE, a.key().tensor().shape().columns());
        spec.set(AttentionKernels.VALUE_AT, value.at());
        spec.set(AttentionKernels.VALUE_STRIDE, a.value().tensor().shape().columns());
        spec.set(AttentionKernels.KIND, keys.kind());
        spec.set(AttentionKernels.KEYS_A, keys.a().at());
        spec.set(AttentionKernels.KEYS_B, keys.b().at());
        spec.set(AttentionKernels.KEYS_C, keys.c().at());
        spec.set(AttentionKernels.SEQUENCES, keys.sequences());
        spec.set(AttentionKernels.POSITIONS, keys.positions());
        if (a.bias() != null) {
            spec.set(AttentionKernels.BIAS_ROWS, a.bias().table().shape().rows().limit());
            spec.set(AttentionKernels.CENTER, a.bias().center());
        }
        if (a.weights() != null) {
            spec.set(AttentionKernels.WEIGHTS_AT, weights.at());
            spec.set(
                    AttentionKernels.WIDTH,
                    block.length(a.weights().shape().axes().getLast()));
        }
        used.add(spec);
        int extras =
                (a.bias() == null ? 0 : AttentionKernels.BIAS) | (a.weights() == null ? 0 : AttentionKernels.WEIGHTS);
        task(
                "attention",
                rowGroups("attention", AttentionKernels.LANES, a.out(), a.heads()),
                (g, id) -> g.task(
                        id,
                        AttentionKernels::attention,
                        context,
                        run,
                        spec,
                        a.headSize(),
                        a.scale(),
                        extras,
                        query.array(),
                        key.array(),
                        value.array(),
                        keys.a().array(),
                        keys.b().array(),
                        keys.c().array(),
                        bias,
                        weights.array(),
                        out.array()));
    }

    /** The arrays of {@link Keys} and what else a kernel must know of them. */
    record KeyArrays(int kind, Ints a, Ints b, Ints c, int sequences, int positions) {}

    KeyArrays keys(Keys keys) {
        return switch (keys) {
            case Keys.Packed p -> {
                Ints offsets = ints(p.offsets());
                int sequences = block.length(p.offsets().shape().rows());
                int kind = p.causal() ? AttentionKernels.CAUSAL : AttentionKernels.PACKED;
                yield new KeyArrays(kind, offsets, offsets, offsets, sequences, 0);
            }
            case Keys.Range r -> {
                Ints end = ints(r.end());
                yield new KeyArrays(AttentionKernels.RANGE, ints(r.first()), end, end, 0, 0);
            }
            case Keys.Ancestry a ->
                new KeyArrays(
                        AttentionKernels.ANCESTRY,
                        ints(a.ancestry()),
                        ints(a.line()),
                        ints(a.length()),
                        0,
                        a.positions());
        };
    }

    private void append(Operation.AppendCache c) {
        int count = c.source().count();
        int rows = block.length(c.destination().shape().rows());
        int cacheStride = c.cache().shape().columns();
        int sourceStride = c.source().tensor().shape().columns();
        FloatArray cache = floats(c.cache()).array();
        Floats source = floats(c.source());
        Ints destination = ints(c.destination());
        task(
                "append",
                elements(count, c.destination()),
                (g, id) -> g.task(
                        id,
                        RowKernels::append,
                        context,
                        run,
                        rows,
                        count,
                        source.array(),
                        source.at(),
                        sourceStride,
                        destination.array(),
                        destination.at(),
                        cache,
                        cacheStride));
    }

    private void advance(Operation.AdvanceAncestry a) {
        int positions = a.ancestry().shape().columns();
        int rows = block.length(a.to().shape().rows());
        IntArray ancestry = ints(a.ancestry()).array();
        Ints from = given(a.from());
        Ints to = given(a.to());
        Ints inherited = given(a.inherited());
        Ints length = given(a.length());
        Ints slot = given(a.slot());
        task(
                "advance",
                elements(positions, a.to()),
                (g, id) -> g.task(
                        id,
                        RowKernels::advance,
                        context,
                        run,
                        rows,
                        positions,
                        ancestry,
                        run,
                        from.at(),
                        to.at(),
                        inherited.at(),
                        length.at(),
                        slot.at()));
    }

    private void gather(Operation.Gather o) {
        int d = o.out().shape().columns();
        int rows = rows(o.out());
        Floats out = floats(o.out());
        Floats x = floats(o.x());
        Ints from = ints(o.rows());
        task(
                "gather",
                elements(d, o.out()),
                (g, id) -> g.task(
                        id,
                        RowKernels::gather,
                        context,
                        run,
                        rows,
                        d,
                        x.array(),
                        x.at(),
                        from.array(),
                        from.at(),
                        out.array(),
                        out.at()));
    }

    private void rope(Operation.Rope r) {
        int rows = rows(r.out());
        Floats out = floats(r.out());
        Floats x = floats(r.x());
        int xStride = r.x().tensor().shape().columns();
        FloatArray table = floats(r.table()).array();
        Ints positionIds = ints(r.positionIds());
        task(
                "rope",
                elements(r.heads() * r.headSize() / 2, r.out()),
                (g, id) -> g.task(
                        id,
                        RowKernels::rope,
                        context,
                        run,
                        rows,
                        r.heads(),
                        r.headSize(),
                        x.array(),
                        x.at(),
                        xStride,
                        table,
                        positionIds.array(),
                        positionIds.at(),
                        out.array(),
                        out.at()));
    }

    private void gate(Operation.Gate o) {
        int d = o.out().shape().columns();
        int rows = rows(o.out());
        Floats out = floats(o.out());
        Floats gate = floats(o.gate());
        Floats up = floats(o.up());
        int gateStride = o.gate().tensor().shape().columns();
        int upStride = o.up().tensor().shape().columns();
        int activation = o.activation().ordinal();
        task(
                "gate",
                elements(d, o.out()),
                (g, id) -> g.task(
                        id,
                        RowKernels::gate,
                        context,
                        run,
                        rows,
                        d,
                        gate.array(),
                        gate.at(),
                        gateStride,
                        up.array(),
                        up.at(),
                        upStride,
                        activation,
                        out.array(),
                        out.at()));
    }

    private void activate(Operation.Activate a) {
        int d = a.out().shape().columns();
        int rows = rows(a.out());
        Floats out = floats(a.out());
        Floats x = floats(a.x());
        int activation = a.activation().ordinal();
        task(
                "activate",
                elements(d, a.out()),
                (g, id) -> g.task(
                        id,
                        RowKernels::activate,
                        context,
                        run,
                        rows,
                        d,
                        x.array(),
                        x.at(),
                        activation,
                        out.array(),
                        out.at()));
    }

    private void add(Operation.Add o) {
        int d = o.out().shape().columns();
        int rows = rows(o.out());
        Floats out = floats(o.out());
        Floats a = floats(o.a());
        Floats b = floats(o.b());
        task(
                "add",
                elements(d, o.out()),
                (g, id) -> g.task(
                        id,
                        RowKernels::add,
                        context,
                        run,
                        rows,
                        d,
                        a.array(),
                        a.at(),
                        b.array(),
                        b.at(),
                        out.array(),
                        out.at()));
    }

    private void select(Operation.SelectTop s) {
        int n = s.logits().shape().columns();
        Ints ids = ints(s.ids());
        Floats values = floats(s.values());
        Floats logSum = floats(s.logSum());
        Floats logits = floats(s.logits());
        Floats amounts = floats(s.editAmounts());
        FloatArray infinity = nothing();
        IntArray spec = new IntArray(SelectKernels.SPEC);
        spec.set(SelectKernels.ROWS, rows(s.logits()));
        spec.set(SelectKernels.TOP, block.length(s.ids().shape().axes().getLast()));
        spec.set(SelectKernels.IDS_AT, ids.at());
        spec.set(SelectKernels.VALUES_AT, values.at());
        spec.set(SelectKernels.LOG_SUM_AT, logSum.at());
        spec.set(SelectKernels.LOGITS_AT, logits.at());
        spec.set(SelectKernels.NORMALISE_AT, given(s.normalise()).at());
        spec.set(SelectKernels.EDIT_OFFSETS_AT, given(s.editOffsets()).at());
        spec.set(SelectKernels.EDIT_TOKENS_AT, given(s.editTokens()).at());
        spec.set(SelectKernels.EDIT_KINDS_AT, given(s.editKinds()).at());
        spec.set(SelectKernels.EDIT_AMOUNTS_AT, amounts.at());
        used.add(spec);
        task(
                "select",
                rowGroups("select", SelectKernels.LANES, s.logits(), 1),
                (g, id) -> g.task(
                        id,
                        SelectKernels::selectTop,
                        context,
                        run,
                        spec,
                        n,
                        infinity,
                        amounts.array(),
                        ids.array(),
                        values.array(),
                        logSum.array(),
                        logits.array()));
    }

    // ---- operands

    IntArray run() {
        return run;
    }

    int length(Size size) {
        return block.length(size);
    }

    boolean isPacked(Weight weight) {
        return memory.isPacked(weight);
    }

    private int rows(Tensor tensor) {
        return block.length(tensor.shape().rows());
    }

    Floats floats(Tensor tensor) {
        Floats floats = memory.floats(graph, tensor);
        used.add(floats.array());
        return floats;
    }

    Floats floats(Columns columns) {
        return floats(columns.tensor()).from(columns.first());
    }

    /** Columns of a panel of packed weights. */
    int width() {
        return memory.width();
    }

    FloatArray packed(Weight weight) {
        FloatArray array = memory.packed(weight);
        used.add(array);
        return array;
    }

    private FloatArray nothing() {
        used.add(memory.nothing());
        return memory.nothing();
    }

    private FloatArray unwritten() {
        used.add(memory.unwritten());
        return memory.unwritten();
    }

    Floats orNothing(@Nullable Tensor tensor) {
        return tensor == null ? new Floats(nothing(), 0) : floats(tensor);
    }

    Ints ints(Tensor tensor) {
        Ints ints = memory.ints(graph, tensor);
        used.add(ints.array());
        return ints;
    }

    /** A tensor that the kernel looks for in the run block. */
    private Ints given(Tensor tensor) {
        Ints ints = ints(tensor);
        if (ints.array() != run) {
            throw new DeviceException("tensor " + tensor.name() + " of graph " + graph.name()
                    + " is no input of the graph, as its operation needs on " + TornadoBackend.NAME);
        }
        return ints;
    }

    // ---- launches

    interface Adder {
        void add(MixedTaskGraph graph, String id);
    }

    private void task(String kind, Launch launch, Adder adder) {
        task(kind, MOST_ARGUMENTS, launch, adder);
    }

    void task(String kind, int arguments, Launch launch, Adder adder) {
        String id = id(kind);
        used.add(run);
        tasks.add(new Task(id, arguments, launch, Set.copyOf(used), g -> adder.add(g, id)));
        used.clear();
    }

    private String id(String kind) {
        return String.format(Locale.ROOT, "t%03d_%s", tasks.size(), kind);
    }

    Launch launch(String kind, int lanesX, Groups x, int lanesY, Groups y) {
        return new Launch(graph.name() + "." + id(kind), lanesX, x, lanesY, y);
    }

    private Launch launch(String kind, int lanes, Groups x, Groups y) {
        return launch(kind, lanes, x, 1, y);
    }

    /** One work-item per element. */
    private Launch elements(int columns, Tensor rows) {
        Size size = rows.shape().rows();
        return launch(
                "elements",
                ROW_LANES,
                new Groups.Always(Math.ceilDiv(Math.max(1, columns), ROW_LANES)),
                new Groups.Rows(size, 1));
    }

    /** One work-group per row and {@code y}. */
    private Launch rowGroups(String kind, int lanes, Tensor rows, int y) {
        return launch(kind, lanes, new Groups.Rows(rows.shape().rows(), 1), new Groups.Always(y));
    }
}
