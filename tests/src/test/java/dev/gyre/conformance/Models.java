package dev.gyre.conformance;

import dev.gyre.graph.Activation;
import dev.gyre.graph.NormKind;
import dev.gyre.graph.Tensor.Weight;
import dev.gyre.transformer.AttentionBlock;
import dev.gyre.transformer.Embedding;
import dev.gyre.transformer.FeedForward;
import dev.gyre.transformer.Layer;
import dev.gyre.transformer.NormPlacement;
import dev.gyre.transformer.Normalization;
import dev.gyre.transformer.Projection;
import dev.gyre.transformer.Stack;
import dev.gyre.transformer.Transformer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Small encoder-decoders that together use every operation; their weights are noise. */
record Models(
        String name,
        int layers,
        Heads heads,
        int inner,
        NormPlacement placement,
        Activation activation,
        boolean llamaLike) {

    static final int VOCABULARY = 53;
    static final int POSITIONS = 40;

    /** Post-norm with learned positions, biases and plain feed-forward networks, as in 2017. */
    static Models postNorm() {
        return new Models("post-norm", 2, new Heads(4, 6), 40, NormPlacement.POST, Activation.SWISH, false);
    }

    /** Pre-norm with the tanh form of GELU and wide heads. */
    static Models preNorm() {
        return new Models("pre-norm", 2, new Heads(2, 16), 64, NormPlacement.PRE, Activation.GELU_TANH, false);
    }

    /** RMS norms, rotary positions, gated networks, fewer key heads, no biases. */
    static Models modern() {
        return new Models("modern", 2, new Heads(4, 2, 8), 44, NormPlacement.PRE, Activation.SWISH, true);
    }

    /** Large enough for every tile to be full somewhere and not elsewhere. */
    static Models wide() {
        return new Models("wide", 1, new Heads(8, 20), 330, NormPlacement.POST, Activation.RELU, false);
    }

    /** For devices that take a millisecond per work-item. */
    static Models tiny() {
        return new Models("tiny", 1, new Heads(2, 4), 12, NormPlacement.POST, Activation.SWISH, false);
    }

    static List<Models> all() {
        return List.of(postNorm(), preNorm(), modern(), wide());
    }

    Transformer transformer() {
        int d = heads.queryColumns();
        List<Layer> encoder = new ArrayList<>();
        List<Layer> decoder = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            encoder.add(layer("encoder." + i, false));
            decoder.add(layer("decoder." + i, true));
        }
        Normalization last = placement == NormPlacement.PRE ? norm("final") : null;
        Weight table = Weight.matrix("shared", VOCABULARY, d);
        Weight positions = llamaLike ? null : Weight.matrix("positions", POSITIONS, d);
        Embedding embedding =
                new Embedding(table, (float) Math.sqrt(d), positions, null, llamaLike ? null : norm("embedding"));
        Projection output = new Projection(table, llamaLike ? null : Weight.vector("output.bias", VOCABULARY));
        return new Transformer(
                name,
                new Stack(embedding, encoder, last),
                new Stack(embedding, decoder, last),
                output,
                POSITIONS,
                POSITIONS);
    }

    private Layer layer(String layer, boolean cross) {
        int d = heads.queryColumns();
        return new Layer(
                placement,
                attention(layer + ".self", llamaLike ? Weight.matrix("angles", POSITIONS, heads.size()) : null),
                norm(layer + ".self"),
                cross ? attention(layer + ".cross", null) : null,
                cross ? norm(layer + ".cross") : null,
                new FeedForward(
                        projection(layer + ".up", inner, d),
                        llamaLike ? projection(layer + ".gate", inner, d) : null,
                        projection(layer + ".down", d, inner),
                        activation),
                norm(layer + ".feed"));
    }

    private AttentionBlock attention(String block, @Nullable Weight rope) {
        int d = heads.queryColumns();
        return new AttentionBlock(
                heads.heads(),
                heads.keyHeads(),
                heads.size(),
                heads.scale(),
                projection(block + ".q", d, d),
                projection(block + ".k", heads.keyColumns(), d),
                projection(block + ".v", heads.keyColumns(), d),
                projection(block + ".o", d, d),
                null,
                rope);
    }

    private Projection projection(String layer, int n, int k) {
        return new Projection(Weight.matrix(layer, n, k), llamaLike ? null : Weight.vector(layer + ".bias", n));
    }

    private Normalization norm(String layer) {
        int d = heads.queryColumns();
        return new Normalization(
                llamaLike ? NormKind.RMS : NormKind.LAYER,
                Weight.vector(layer + ".gamma", d),
                llamaLike ? null : Weight.vector(layer + ".beta", d),
                1e-5f);
    }

    @Override
    public String toString() {
        return name;
    }
}
