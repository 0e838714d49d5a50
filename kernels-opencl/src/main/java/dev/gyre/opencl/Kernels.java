package dev.gyre.opencl;

import dev.gyre.graph.Operation;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The kernels of a device, by its kind; the text of each is put together once. A further variant of a product (another
 * precision, another unit of the processor) becomes a further source in {@link ProductSources}, a name here and a further entry
 * in {@link LinearLaunch}.
 */
final class Kernels {

    /** Lanes that share a row on GPUs; see the kernel files. */
    static final int ROW_LANES = 64;

    static final int NORM_LANES = 128;
    /** Rows of a tile of attention, on CPUs and GPUs. */
    static final int ATTENTION_TILE = 4;

    static final int SELECT_LANES = 256;
    /** Rows up to which a GPU takes the kernel that reads each weight once per group of columns. */
    static final int FEW_ROWS = 8;

    /** Rows of a register tile of int8 on CPUs: twelve sums of eight columns leave four of 16 registers. */
    static final int INT8_TILE = 6;

    /** The same with 32 registers of 16 columns, two panels and four neighbours. */
    static final int INT8_WIDE_TILE = 12;

    /** Rows of a work-item with tiles of AMX. */
    static final int TILE_ROWS = 32;

    /** Panels of one work-item, or of one group on GPUs. */
    static final int INT8_PANELS = 4;

    /** Panels of one work-item at least, where a tuner may choose. */
    static final int INT8_LEAST_PANELS = 2;

    /**
     * Rows up to which a CPU makes numbers of them in the product itself, and groups of panels up to which it does: every
     * group does it again.
     */
    static final int INT8_FEW_ROWS = 4;

    static final int INT8_FEW_GROUPS = 64;

    static final int GPU_PANEL = 64;
    static final int GPU_TILE_ROWS = 64;
    static final int GPU_THREADS = 16;

    /** Work-items of a group with tensor cores: four warps. */
    static final int MMA_THREADS = 128;

    static final int MMA_COLUMNS = 64;

    /** Rows of a group with tensor cores, and up to how many are few. */
    static final int MMA_ROWS = 64;

    static final int MMA_FEW_ROWS = 16;

    private final Programs programs;
    private final Tuning tuning;
    private final ProductSources products;
    private final Map<String, KernelSource> sources = new HashMap<>();

    Kernels(Programs programs, Tuning tuning) {
        this.programs = programs;
        this.tuning = tuning;
        products = new ProductSources(tuning);
    }

    Programs programs() {
        return programs;
    }

    Tuning tuning() {
        return tuning;
    }

    /**
     * Starts building what graphs need. Where kernels are fused, all that can be are one kernel, and the others are built
     * beside it.
     */
    Optional<FusedKernels> prepare(Collection<CompiledGraph> graphs, long weightBytes) {
        List<Call> calls = graphs.stream()
                .flatMap(graph -> graph.launches().stream())
                .flatMap(Launch::calls)
                .toList();
        Optional<FusedKernels> fused =
                tuning.fusing().takes(graphs, weightBytes) ? Optional.of(FusedKernels.of(calls)) : Optional.empty();
        fused.ifPresent(kernels -> programs.start(kernels.steps().source()));
        calls.stream()
                .map(Call::kernel)
                .filter(kernel -> fused.isEmpty() || !fused.get().numbers().containsKey(kernel))
                .map(KernelName::source)
                .distinct()
                .forEach(programs::start);
        return fused;
    }

    /** A kernel of rows.cl. */
    KernelName rows(String name) {
        return new KernelName(source("rows", this::rowsSource), name);
    }

    private KernelSource source(String name, Supplier<KernelSource> text) {
        return sources.computeIfAbsent(name, _ -> text.get());
    }

    private KernelSource attentionOf(int headSize) {
        return source("attention " + headSize, () -> attentionSource(headSize));
    }

    private KernelSource rowsSource() {
        return KernelSource.empty()
                .define("LANES", rowLanes())
                .define("PANEL", tuning.panel())
                .define("WEIGHTS", tuning.packing().stored())
                .define("NEIGHBOURS", tuning.packing().neighbours())
                .define("BIASED", tuning.packing().biased() ? 1 : 0)
                .file("operands.cl")
                .file("weights.cl")
                .file("activation.cl")
                .file("rows.cl");
    }

    int rowLanes() {
        return rowLanes(tuning);
    }

    static int rowLanes(Tuning tuning) {
        return tuning.cpu() ? 1 : ROW_LANES;
    }

    private KernelSource int8SourceOnce() {
        return source("linear int8", products::int8);
    }

    /** Makes rows of whole numbers for {@link #linearInt8}. */
    KernelName quantize() {
        return new KernelName(int8SourceOnce(), "quantize");
    }

    /** For few rows; on CPUs it makes its numbers itself. */
    KernelName linearInt8Few() {
        return new KernelName(int8SourceOnce(), "linear_int8_few");
    }

    KernelName linearInt8() {
        return new KernelName(int8SourceOnce(), "linear_int8");
    }

    /** For many rows, where tiles are what multiplies. */
    KernelName linearInt8Tiles() {
        return new KernelName(int8SourceOnce(), "linear_int8_tiles");
    }

    /** Panels of a work-item where a CPU has a single row: narrow ones alone are too few chains of sums. */
    static int rowPanels(int panel) {
        return panel == 16 ? 2 : 1;
    }

    /** Rounds rows for {@link #linearTiles}. */
    KernelName bfloat16Rows() {
        return new KernelName(tilesSourceOnce(), "bfloat16_rows");
    }

    /** Of float32 or bfloat16. */
    KernelName linearTiles() {
        return new KernelName(tilesSourceOnce(), "linear_bfloat16_tiles");
    }

    private KernelSource tilesSourceOnce() {
        return source("linear tiles", products::tiles);
    }

    /** By tensor cores. */
    KernelName linearMma() {
        return new KernelName(source("linear mma", products::mma), "linear_mma");
    }

    /** The same for few rows. */
    KernelName linearMmaFew() {
        return new KernelName(source("linear mma", products::mma), "linear_mma_few");
    }

    /** What a product takes, by its rows. */
    List<Tuning.ByRows> linearSettings(Operation.Linear op) {
        return tuning.linear(
                op.weight().shape().rows().limit(),
                op.weight().shape().columns(),
                op.out().shape().rows().limit());
    }

    KernelName linear(LinearSettings settings) {
        return new KernelName(linearOf(settings), "linear");
    }

    /** For few rows on GPUs. */
    KernelName linearFew(LinearSettings settings) {
        return new KernelName(linearOf(settings), "linear_few");
    }

    private KernelSource linearOf(LinearSettings settings) {
        return source(settings.toString(), () -> products.linear(settings));
    }

    KernelName norm() {
        return new KernelName(source("norm", this::normSource), "norm");
    }

    private KernelSource normSource() {
        KernelSource source = KernelSource.empty().file("operands.cl");
        return tuning.cpu()
                ? source.file("norm_cpu.cl")
                : source.define("LANES", NORM_LANES).file("norm_gpu.cl");
    }

    /** Lanes that share a tile on GPUs: at least two for each column of a head up to 128. */
    int attentionLanes(int headSize) {
        return tuning.cpu() ? 1 : headSize > 64 ? 256 : 128;
    }

    KernelName attention(int headSize) {
        return new KernelName(attentionOf(headSize), "attention");
    }

    private KernelSource attentionSource(int headSize) {
        KernelSource source = KernelSource.empty().define("HEAD", headSize);
        if (tuning.cpu()) {
            int width = Math.min(tuning.width(), Integer.lowestOneBit(headSize));
            source = source.define("WIDTH", width)
                    .file("operands.cl")
                    .file("keys.cl")
                    .file("exponential.cl");
            source = source.define("PREFETCH", tuning.prefetch());
            for (int rows : new int[] {1, 2, ATTENTION_TILE}) {
                source = source.define("R", rows).file("attention_cpu_tile.cl");
            }
            return source.file("attention_cpu.cl");
        }
        return source.define("LANES", attentionLanes(headSize))
                .file("operands.cl")
                .file("keys.cl")
                .file("attention_gpu.cl");
    }

    KernelName selectTop() {
        return new KernelName(source("select", this::selectSource), "select_top");
    }

    /** Packs the output layer for {@link #roughPeaks}. */
    KernelName roughWeights() {
        return new KernelName(source("rough", products::rough), "rough_weights");
    }

    /** Rounds rows for {@link #roughPeaks}. */
    KernelName roughRows() {
        return new KernelName(source("rough", products::rough), "rough_rows");
    }

    /** Bounds of logits; only on CPUs. */
    KernelName roughPeaks() {
        return new KernelName(source("rough", products::rough), "rough_peaks");
    }

    /** The best logit of each row by the bounds. */
    KernelName selectBest() {
        return new KernelName(source("rough", products::rough), "select_best");
    }

    private KernelSource selectSource() {
        KernelSource source = KernelSource.empty();
        return tuning.cpu()
                ? source.file("operands.cl")
                        .file("edits.cl")
                        .file("exponential.cl")
                        .file("select_cpu.cl")
                : source.define("LANES", SELECT_LANES)
                        .file("operands.cl")
                        .file("edits.cl")
                        .file("select_gpu.cl");
    }
}
