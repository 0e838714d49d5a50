package dev.gyre.tornado;

import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.graph.Columns;
import dev.gyre.graph.Keys;
import dev.gyre.graph.NormKind;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor;
import dev.gyre.graph.Tensor.Weight;
import dev.gyre.tornado.Launch.Groups;
import dev.gyre.tornado.TaskRecorder.KeyArrays;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Operations as tasks made from the OpenCL C sources of the {@code opencl} backend. The arguments stand in the order of
 * the kernels there, the sizes of work-groups are those that the kernels demand.
 */
final class PrebuiltTasks {

    /** Rows by which a work-item of a CPU and a work-group of a GPU compute a product; measured with the opencl backend. */
    private static final int CPU_TILE = 6;

    private static final int GPU_TILE = 64;
    private static final int GPU_THREADS = 16;
    private static final int ROW_LANES = 64;
    private static final int NORM_LANES = 128;
    private static final int ATTENTION_TILE = 4;
    private static final int SELECT_LANES = 256;

    private final TaskRecorder tasks;
    private final boolean cpu;
    private final boolean pocl;
    private final boolean library;

    PrebuiltTasks(TaskRecorder tasks, Choice choice) {
        this.tasks = tasks;
        this.cpu = choice.kind() == Kind.CPU;
        this.pocl = choice.pocl();
        this.library = choice.library();
    }

    void record(Operation operation) {
        switch (operation) {
            case Operation.Linear l -> linear(l);
            case Operation.Norm n -> norm(n);
            case Operation.Attention a -> attention(a);
            case Operation.SelectTop s -> select(s);
            case Operation.Embed e -> embed(e);
            case Operation.AppendCache c ->
                rows("append", c.destination(), c.source().count())
                        .array(c.cache())
                        .number(c.cache().shape().columns())
                        .columns(c.source())
                        .array(c.destination())
                        .done();
            case Operation.AdvanceAncestry a ->
                rows("advance", a.to(), a.ancestry().shape().columns())
                        .array(a.ancestry())
                        .array(a.from())
                        .array(a.to())
                        .array(a.inherited())
                        .array(a.length())
                        .array(a.slot())
                        .done();
            case Operation.Gather g ->
                rows("gather", g.out(), g.out().shape().columns())
                        .array(g.out())
                        .array(g.x())
                        .array(g.rows())
                        .done();
            case Operation.Rope r ->
                rows("rope", r.out(), r.heads())
                        .number(r.headSize())
                        .array(r.out())
                        .columns(r.x())
                        .array(r.table())
                        .array(r.positionIds())
                        .done();
            case Operation.Gate g ->
                rows("gated", g.out(), g.out().shape().columns())
                        .array(g.out())
                        .columns(g.gate())
                        .columns(g.up())
                        .number(g.activation().ordinal())
                        .done();
            case Operation.Activate a ->
                rows("activate", a.out(), a.out().shape().columns())
                        .array(a.out())
                        .array(a.x())
                        .number(a.activation().ordinal())
                        .done();
            case Operation.Add a ->
                rows("add", a.out(), a.out().shape().columns())
                        .array(a.out())
                        .array(a.a())
                        .array(a.b())
                        .done();
        }
    }

    private void embed(Operation.Embed e) {
        boolean packed = tasks.isPacked(e.table());
        Arguments arguments = rows("embed", e.out(), e.out().shape().columns()).array(e.out());
        if (packed) {
            arguments.packed(e.table());
        } else {
            arguments.array(e.table());
        }
        arguments
                .number(packed ? 1 : 0)
                .array(e.ids())
                .real(e.scale())
                .number((e.positions() == null ? 0 : 1) | (e.types() == null ? 0 : 2))
                .array(e.positions())
                .array(e.positionIds())
                .array(e.types())
                .array(e.typeIds())
                .done();
    }

    private void linear(Operation.Linear l) {
        int n = l.out().shape().columns();
        Size rows = l.out().shape().rows();
        int width = tasks.width();
        KernelFile file = new KernelFile().define("PANEL", width);
        int panels = Math.ceilDiv(n, width);
        Launch launch;
        if (cpu) {
            file.define("ACTIVATE_VECTORS", 1).define("TILE", CPU_TILE).define("BLOCK", CPU_TILE);
            if (pocl) {
                file.define("PREFETCH", 2);
            }
            file.add("operands.cl").add("weights.cl").add("activation.cl").add("prefetch.cl");
            for (int r : new int[] {1, 2, 4, CPU_TILE}) {
                file.define("R", r).add("linear_cpu_tile.cl");
            }
            file.add("linear_cpu.cl");
            launch = tasks.launch("linear", 1, new Groups.Blocks(panels, rows, CPU_TILE), 1, new Groups.Always(1));
        } else {
            file.define("TILE_M", GPU_TILE).define("THREADS_M", GPU_THREADS).define("THREADS_N", GPU_THREADS);
            file.add("operands.cl")
                    .add("weights.cl")
                    .add("activation.cl")
                    .add("gpu_rows.cl")
                    .add("linear_gpu.cl");
            launch = tasks.launch(
                    "linear", GPU_THREADS, new Groups.Always(panels), GPU_THREADS, new Groups.Rows(rows, GPU_TILE));
        }
        new Arguments("linear", file, launch)
                .size(rows)
                .number(n)
                .number(l.x().shape().columns())
                .array(l.out())
                .array(l.x())
                .packed(l.weight())
                .array(l.bias())
                .array(l.residual())
                .number((l.bias() == null ? 0 : 1) | (l.residual() == null ? 0 : 2))
                .number(l.activation().ordinal())
                .done();
    }

    private void norm(Operation.Norm n) {
        Size rows = n.out().shape().rows();
        KernelFile file = new KernelFile();
        if (cpu) {
            file.add("operands.cl").add("norm_cpu.cl");
        } else {
            file.define("LANES", NORM_LANES).add("operands.cl").add("norm_gpu.cl");
        }
        Launch launch = tasks.launch("norm", cpu ? 1 : NORM_LANES, new Groups.Rows(rows, 1), 1, new Groups.Always(1));
        new Arguments("norm", file, launch)
                .size(rows)
                .number(n.out().shape().columns())
                .array(n.out())
                .array(n.sum())
                .array(n.x())
                .array(n.residual())
                .array(n.gamma())
                .array(n.beta())
                .number((n.residual() == null ? 0 : 1)
                        | (n.beta() == null ? 0 : 2)
                        | (n.sum() == null ? 0 : 4)
                        | (n.normKind() == NormKind.RMS ? 8 : 0))
                .real(n.epsilon())
                .done();
    }

    private void attention(Operation.Attention a) {
        // Lanes of a work-group, and rows of a block, as the opencl backend has them.
        int lanes = cpu ? 1 : a.headSize() > 64 ? 256 : 128;
        int block = cpu || a.keys() instanceof Keys.Packed ? ATTENTION_TILE : 1;
        Size rows = a.out().shape().rows();
        KernelFile file = new KernelFile().define("HEAD", a.headSize());
        if (cpu) {
            file.define("WIDTH", Math.min(8, Integer.lowestOneBit(a.headSize())));
            file.add("operands.cl").add("keys.cl").add("exponential.cl");
            if (pocl) {
                file.define("PREFETCH", 2);
            }
            for (int r : new int[] {1, 2, ATTENTION_TILE}) {
                file.define("R", r).add("attention_cpu_tile.cl");
            }
            file.add("attention_cpu.cl");
        } else {
            file.define("LANES", lanes).add("operands.cl").add("keys.cl").add("attention_gpu.cl");
        }
        Launch launch = tasks.launch("attention", lanes, new Groups.Always(a.heads()), 1, new Groups.Rows(rows, block));
        KeyArrays keys = tasks.keys(a.keys());
        Tensor bias = a.bias() == null ? null : a.bias().table();
        Arguments arguments = new Arguments("attention", file, launch)
                .size(rows)
                .number(a.heads())
                .number(a.heads() / a.keyHeads())
                .real(a.scale())
                .array(a.out())
                .columns(a.query())
                .columns(a.key())
                .columns(a.value())
                .number(keys.kind())
                .ints(keys.a())
                .ints(keys.b())
                .ints(keys.c())
                .number(keys.sequences())
                .number(keys.positions())
                .number((a.bias() == null ? 0 : 1) | (a.weights() == null ? 0 : 2))
                .array(bias)
                .number(bias == null ? 1 : bias.shape().rows().limit())
                .number(a.bias() == null ? 0 : a.bias().center())
                .array(a.weights());
        arguments
                .size(a.weights() == null ? rows : a.weights().shape().axes().getLast())
                .done();
    }

    private void select(Operation.SelectTop s) {
        Size rows = s.logits().shape().rows();
        KernelFile file = new KernelFile();
        if (cpu) {
            file.add("operands.cl").add("edits.cl").add("exponential.cl").add("select_cpu.cl");
        } else {
            file.define("LANES", SELECT_LANES)
                    .add("operands.cl")
                    .add("edits.cl")
                    .add("select_gpu.cl");
        }
        Launch launch =
                tasks.launch("select", cpu ? 1 : SELECT_LANES, new Groups.Rows(rows, 1), 1, new Groups.Always(1));
        new Arguments("select_top", file, launch)
                .size(rows)
                .number(s.logits().shape().columns())
                .size(s.ids().shape().axes().getLast())
                .size(s.logSum().shape().rows())
                .array(s.ids())
                .array(s.values())
                .array(s.logSum())
                .array(s.logits())
                .array(s.normalise())
                .array(s.editOffsets())
                .array(s.editTokens())
                .array(s.editKinds())
                .array(s.editAmounts())
                .done();
    }

    /** A kernel of rows.cl: its first two arguments are the rows and one more number. */
    private Arguments rows(String kernel, Tensor rows, int second) {
        int lanes = cpu ? 1 : ROW_LANES;
        KernelFile file = new KernelFile()
                .define("LANES", lanes)
                .define("PANEL", tasks.width())
                .add("operands.cl")
                .add("weights.cl")
                .add("activation.cl")
                .addOnly(kernel, "rows.cl");
        Size size = rows.shape().rows();
        Launch launch = tasks.launch(kernel, lanes, new Groups.Always(1), 1, new Groups.Rows(size, 1));
        return new Arguments(kernel, file, launch).size(size).number(second);
    }

    /** The arguments of one task, one after the other; arrays bring the place at which they begin. */
    private final class Arguments {

        private final String kernel;
        private final KernelFile file;
        private final Launch launch;
        private final List<Object> values = new ArrayList<>();

        Arguments(String kernel, KernelFile file, Launch launch) {
            this.kernel = kernel;
            this.file = file;
            this.launch = launch;
            values.add(tasks.run());
        }

        Arguments number(int value) {
            values.add(value);
            return this;
        }

        Arguments real(float value) {
            values.add(value);
            return this;
        }

        Arguments size(Size size) {
            return number(tasks.length(size));
        }

        Arguments array(@Nullable Tensor tensor) {
            if (tensor == null) {
                return floats(tasks.orNothing(null));
            }
            return switch (tensor.type()) {
                case FLOAT32 -> floats(tasks.floats(tensor));
                case INT32 -> ints(tasks.ints(tensor));
            };
        }

        /** An array, its place and its columns. */
        Arguments columns(Columns columns) {
            return floats(tasks.floats(columns)).number(columns.tensor().shape().columns());
        }

        Arguments packed(Weight weight) {
            return floats(new Floats(tasks.packed(weight), 0));
        }

        Arguments ints(Ints ints) {
            values.add(ints.array());
            values.add(ints.at());
            return this;
        }

        private Arguments floats(Floats floats) {
            values.add(floats.array());
            values.add(floats.at());
            return this;
        }

        void done() {
            Object[] arguments = values.toArray();
            if (library) {
                KernelCall call = new KernelCall(kernel, file.source(), launch, arguments);
                tasks.task(kernel, call.arrays().size(), launch, (graph, id) -> graph.library(id, call, tasks.run()));
            } else {
                String path = file.path();
                tasks.task(
                        kernel,
                        arguments.length,
                        launch,
                        (graph, id) -> graph.prebuilt(id, kernel, path, tasks.run(), arguments));
            }
        }
    }
}
