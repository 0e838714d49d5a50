package dev.gyre.transformer.family;

import dev.gyre.graph.Activation;
import dev.gyre.weights.Checkpoint;

/** BERT (Devlin et al., 2018) and those who differ from it in names or in how positions are counted. */
final class Bert implements Family {

    static final Bert BERT = new Bert(new BertLike("bert", BertLike.Names.BERT, BertLike.Positions.FROM_ZERO));
    static final Bert ROBERTA = new Bert(
            new BertLike("roberta", BertLike.Names.BERT.withPrefix("roberta."), BertLike.Positions.BEHIND_PADDING));
    static final Bert XLM_ROBERTA = new Bert(
            new BertLike("xlm-roberta", BertLike.Names.BERT.withPrefix("roberta."), BertLike.Positions.BEHIND_PADDING));
    static final Bert DISTILBERT =
            new Bert(new BertLike("distilbert", BertLike.Names.DISTILBERT, BertLike.Positions.FROM_ZERO));
    static final Bert MPNET = new Bert(new BertLike("mpnet", BertLike.Names.MPNET, BertLike.Positions.FROM_TWO)
            .withRelativePositions("encoder.relative_attention_bias.weight"));
    static final Bert ELECTRA =
            new Bert(new BertLike("electra", BertLike.Names.BERT.withPrefix("electra."), BertLike.Positions.FROM_ZERO)
                    .withEmbeddingWidth("embedding_size")
                    .withHeadActivation(Activation.GELU));

    private final BertLike options;

    private Bert(BertLike options) {
        this.options = options;
    }

    @Override
    public String name() {
        return options.family();
    }

    @Override
    public Description describe(Config config, Checkpoint checkpoint) {
        return options.describe(config, checkpoint);
    }
}
