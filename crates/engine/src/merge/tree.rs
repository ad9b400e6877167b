//! Which layers of a tree become one. Pure rules over a manifest.

use std::collections::BTreeMap;

use crate::id::LayerId;
use crate::manifest::Manifest;

/// Layers that become one: the uppermost first, each standing on the next.
pub(crate) type Run = Vec<LayerId>;

/// The tree of a volume's layers, seen from below.
pub(crate) struct Tree<'a> {
    manifest: &'a Manifest,
    children: BTreeMap<&'a LayerId, Vec<&'a LayerId>>,
    /// Layers that have a name, are the head, or are what a machine has on top: how many reasons there are.
    needed: BTreeMap<&'a LayerId, usize>,
}

impl<'a> Tree<'a> {
    pub(crate) fn of(manifest: &'a Manifest) -> Self {
        let mut children: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (layer, record) in &manifest.layers {
            if let Some(parent) = &record.parent {
                children.entry(parent).or_default().push(layer);
            }
        }
        let mut needed = BTreeMap::new();
        let named = manifest.checkpoints.iter().map(|checkpoint| &checkpoint.layer);
        let mounted = manifest.mounts.iter().map(|mount| &mount.layer);
        for layer in named.chain(mounted).chain([&manifest.head]) {
            *needed.entry(layer).or_default() += 1;
        }
        Self { manifest, children, needed }
    }

    /// The same, when a checkpoint of `layer` had been forgotten.
    pub(crate) fn forget(&mut self, layer: &LayerId) {
        if let Some(reasons) = self.needed.get_mut(layer) {
            *reasons -= 1;
        }
    }

    /// The opposite.
    pub(crate) fn remember(&mut self, layer: &LayerId) {
        if let Some(reasons) = self.needed.get_mut(layer) {
            *reasons += 1;
        }
    }

    /// How many layers stand on this one.
    pub(crate) fn standing_on(&self, layer: &LayerId) -> usize {
        self.children.get(layer).map_or(0, Vec::len)
    }

    fn is_needed(&self, layer: &LayerId) -> bool {
        self.needed.get(layer).is_some_and(|reasons| *reasons > 0)
    }

    /// Whether nobody needs the layer but the only one that stands on it.
    fn may_go(&self, layer: &LayerId) -> bool {
        self.standing_on(layer) == 1 && !self.is_needed(layer)
    }

    fn parent(&self, layer: &LayerId) -> Option<&'a LayerId> {
        self.manifest.layers.get(layer)?.parent.as_ref()
    }

    /// The run below `top`; of one layer when there is none.
    fn run_below(&self, top: &LayerId) -> Run {
        let mut run = vec![top.clone()];
        let mut next = self.parent(top);
        while let Some(layer) = next.filter(|layer| self.may_go(layer)) {
            run.push(layer.clone());
            next = self.parent(layer);
        }
        run
    }

    /// The run that a layer is merged in; `None` when it stays by itself.
    pub(crate) fn run_of(&self, layer: &LayerId) -> Option<Run> {
        let mut top = layer;
        while self.may_go(top) {
            top = self.children.get(top)?.first()?;
        }
        Some(self.run_below(top)).filter(|run| run.len() > 1)
    }

    /// The same for a layer that nobody needs by itself.
    pub(crate) fn run_of_nameless(&self, layer: &LayerId) -> Option<Run> {
        if self.may_go(layer) { self.run_of(layer) } else { None }
    }

    /// Asks as if `layer` were not there, of what it stands on.
    pub(crate) fn without<T>(
        &mut self,
        layer: &'a LayerId,
        ask: impl FnOnce(&Self, &LayerId) -> Option<T>,
    ) -> Option<T> {
        let below = self.parent(layer)?;
        let children = self.children.get_mut(below)?;
        let at = children.iter().position(|child| *child == layer)?;
        children.remove(at);
        let answer = ask(self, below);
        self.children.entry(below).or_default().insert(at, layer);
        answer
    }

    /// The layers that go whole when nobody needs `layer` any more: it, and those below, as far as nothing stands on them.
    pub(crate) fn falls(&self, layer: &'a LayerId) -> Vec<&'a LayerId> {
        let mut falling = Vec::new();
        let mut next = Some(layer);
        while let Some(layer) =
            next.filter(|layer| !self.is_needed(layer) && self.standing_on(layer) <= falling.len().min(1))
        {
            falling.push(layer);
            next = self.parent(layer);
        }
        falling
    }
}

/// All runs of a tree.
pub(crate) fn runs(manifest: &Manifest) -> Vec<Run> {
    let tree = Tree::of(manifest);
    let tops = manifest.layers.keys().filter(|layer| !tree.may_go(layer));
    tops.map(|top| tree.run_below(top)).filter(|run| run.len() > 1).collect()
}
