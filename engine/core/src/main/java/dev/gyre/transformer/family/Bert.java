package dev.gyre.transformer.family;

import dev.gyre.weights.Checkpoint;

/** BERT (Devlin et al., 2018) and those who differ from it in names or in how positions are counted. */
final class Bert implements Family {

    static final Bert BERT = new Bert(new BertLike("bert", BertLike.Names.BERT, false));
    static final Bert ROBERTA = new Bert(new BertLike("roberta", BertLike.Names.BERT.withPrefix("roberta."), true));
    static final Bert XLM_ROBERTA =
            new Bert(new BertLike("xlm-roberta", BertLike.Names.BERT.withPrefix("roberta."), true));
    static final Bert DISTILBERT = new Bert(new BertLike("distilbert", BertLike.Names.DISTILBERT, false));

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
